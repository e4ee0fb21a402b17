import { inTransaction } from "terrapin";
import { cityFrom, readCities, readWorld } from "./data.ts";
import { City, Country, Currency, Language } from "./models.ts";
import { progress } from "./print.ts";

/** What was loaded, and how fast. */
export interface Loaded {
  countries: number;
  cities: number;
  /** languages, currencies, and pairs of countries with either or with each other */
  others: number;
  seconds: number;
}

const BATCH = 5000;

/** Reads the two packages and writes everything in one transaction: all rows, or none. */
export async function load(): Promise<Loaded> {
  const { countries, languages, currencies } = readWorld();
  const cities = readCities();
  const bar = progress(countries.length + cities.length);
  const started = performance.now();
  let others = languages.length + currencies.length;

  await inTransaction(async () => {
    await Language.bulkCreate(languages);
    await Currency.bulkCreate(currencies);
    await Country.bulkCreate(countries.map(({ country }) => country));
    for (const { country, ...related } of countries) {
      await country.languages.add(...related.languages);
      await country.currencies.add(...related.currencies);
      await country.borders.add(...related.borders);
      others += related.languages.length + related.currencies.length + related.borders.length;
    }
    bar.add(countries.length);
    for (let from = 0; from < cities.length; from += BATCH) {
      const batch = cities.slice(from, from + BATCH).map(cityFrom);
      await City.bulkCreate(batch);
      bar.add(batch.length);
    }
  });

  const seconds = (performance.now() - started) / 1000;
  bar.stop();
  return { countries: countries.length, cities: cities.length, others, seconds };
}
