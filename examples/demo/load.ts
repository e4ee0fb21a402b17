import { inTransaction } from "terrapin";
import { cityFrom, readCities, readCountries } from "./data.ts";
import { City, Country } from "./models.ts";
import { progress } from "./print.ts";

/** What was loaded, and how fast. */
export interface Loaded {
  countries: number;
  cities: number;
  seconds: number;
}

const BATCH = 5000;

/** Reads the two packages and writes everything in one transaction: all rows, or none. */
export async function load(): Promise<Loaded> {
  const countries = readCountries();
  const cities = readCities();
  const bar = progress(countries.length + cities.length);
  const started = performance.now();

  await inTransaction(async () => {
    await Country.bulkCreate(countries);
    bar.add(countries.length);
    for (let from = 0; from < cities.length; from += BATCH) {
      const batch = cities.slice(from, from + BATCH).map(cityFrom);
      await City.bulkCreate(batch);
      bar.add(batch.length);
    }
  });

  const seconds = (performance.now() - started) / 1000;
  bar.stop();
  return { countries: countries.length, cities: cities.length, seconds };
}
