import { fields, Model } from "terrapin";

/** A currency as the country's JSON field holds it. */
export interface Currency {
  name: string;
  symbol: string;
}

export const regions = ["Africa", "Americas", "Antarctic", "Asia", "Europe", "Oceania"] as const;

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
    currencies: fields.json<Record<string, Currency>>({ default: () => ({}) }),
    languages: fields.json<Record<string, string>>({ default: () => ({}) }),
    urbanPopulation: fields.bigInt({ default: 0, description: "People in the cities we know" }),
  },
  { indexes: [["region", "subregion"]], ordering: ["name"] },
) {
  get currencyNames(): string {
    return Object.values(this.currencies)
      .map((currency) => currency.name)
      .join(", ");
  }
}

export class City extends Model.define(
  {
    id: fields.int({ primaryKey: true, generated: false, description: "The GeoNames key" }),
    name: fields.char({ maxLength: 100, index: true }),
    countryCode: fields.char({ maxLength: 2 }),
    adminCode: fields.char({ maxLength: 10, null: true }),
    kind: fields.char({ maxLength: 5, description: "The GeoNames feature code; PPLC is a capital" }),
    population: fields.int({ index: true }),
    latitude: fields.decimal({ maxDigits: 7, decimalPlaces: 5 }),
    longitude: fields.decimal({ maxDigits: 8, decimalPlaces: 5 }),
  },
  { indexes: [["countryCode", "population"]] },
) {}
