import { fields, type ManyToManyRelation, Model, type ReverseRelation } from "terrapin";

export const regions = ["Africa", "Americas", "Antarctic", "Asia", "Europe", "Oceania"] as const;

export class Language extends Model.define(
  {
    code: fields.char({ maxLength: 3, primaryKey: true, description: "ISO 639-3" }),
    name: fields.char({ maxLength: 50 }),
  },
  { ordering: ["name"] },
) {
  declare countries: ManyToManyRelation<Country>;
}

export class Currency extends Model.define(
  {
    code: fields.char({ maxLength: 3, primaryKey: true, description: "ISO 4217" }),
    name: fields.char({ maxLength: 50 }),
    symbol: fields.char({ maxLength: 10 }),
  },
  { ordering: ["name"] },
) {
  declare countries: ManyToManyRelation<Country>;
}

export class Country extends Model.define(
  {
    code: fields.char({ maxLength: 2, primaryKey: true, description: "ISO 3166-1 alpha-2" }),
    name: fields.char({ maxLength: 100, unique: true }),
    officialName: fields.char({ maxLength: 200 }),
    capital: fields.char({ maxLength: 100, null: true }),
    region: fields.charEnum(regions),
    subregion: fields.char({ maxLength: 50, null: true }),
    area: fields.float({ null: true, description: "Square kilometres" }),
    landlocked: fields.boolean(),
    independent: fields.boolean({ null: true, description: "null where the data does not say" }),
    translations: fields.json<Record<string, string>>({ default: () => ({}) }),
    urbanPopulation: fields.bigInt({ default: 0, description: "People in the cities we know" }),
    languages: fields.manyToMany<Language>("Language", { relatedName: "countries" }),
    currencies: fields.manyToMany<Currency>("Currency", { relatedName: "countries" }),
    // Whoever borders on a country is bordered by it: the data has both pairs, so one side is enough.
    borders: fields.manyToMany<Country>("self", { relatedName: false }),
  },
  { indexes: [["region", "subregion"]], ordering: ["name"] },
) {
  declare cities: ReverseRelation<City>;

  get label(): string {
    return `${this.name} (${this.code})`;
  }
}

export class City extends Model.define(
  {
    id: fields.int({ primaryKey: true, generated: false, description: "The GeoNames key" }),
    name: fields.char({ maxLength: 100, index: true }),
    country: fields.foreignKey<Country>("Country", {
      relatedName: "cities",
      onDelete: "RESTRICT",
      column: "country_code",
      index: false, // the index below begins with it
    }),
    adminCode: fields.char({ maxLength: 10, null: true }),
    kind: fields.char({ maxLength: 5, description: "The GeoNames feature code; PPLC is a capital" }),
    population: fields.int({ index: true }),
    latitude: fields.decimal({ maxDigits: 7, decimalPlaces: 5 }),
    longitude: fields.decimal({ maxDigits: 8, decimalPlaces: 5 }),
  },
  { indexes: [["countryId", "population"]] },
) {}
