import { F, inTransaction, Q } from "terrapin";
import { City, Country } from "./models.ts";

/** One question: a sentence for people, and the program that answers it. */
export interface Question {
  ask: string;
  answer: () => unknown;
  /** the class of the error that is the answer */
  throws?: string;
}

/** Questions that only read: each is one query set, which also tells its SQL. */
export const reading: Question[] = [
  {
    ask: "Which are the largest cities?",
    answer: () => City.orderBy("-population").limit(5).values("name", "countryCode", "population"),
  },
  {
    ask: "Which large cities have “saint” in their name, however it is written?",
    answer: () =>
      City.filter({ name__icontains: "saint", population__gte: 150_000 })
        .orderBy("name")
        .values("name", "countryCode", "population"),
  },
  {
    ask: "Which countries' names start with “United”?",
    answer: () => Country.filter({ name__startswith: "United" }).valuesList("name", { flat: true }),
  },
  {
    ask: "Which large cities lie within five kilometres of the equator? (Decimals are exact.)",
    answer: () =>
      City.filter({ latitude__range: ["-0.045", "0.045"], population__gt: 100_000 })
        .orderBy("latitude")
        .values("name", { country: "countryCode" }, "latitude", "longitude"),
  },
  {
    ask: "Which places have no capital?",
    answer: () => Country.filter({ capital__isnull: true }).values("code", "name", "region"),
  },
  {
    ask: "What in Northern Europe is not larger than 1,600 km²? (An area nobody gave is not: it stays.)",
    answer: () =>
      Country.exclude({ area__gt: 1600 })
        .filter({ subregion: "Northern Europe" })
        .orderBy("-area")
        .values("name", "area"),
  },
  {
    ask: "Which countries are tiny, European and by the sea, or else huge, landlocked and not in Africa?",
    answer: () =>
      Country.filter(
        Q.or(
          Q({ region: "Europe", area__lt: 1000, landlocked: false }),
          Q.and(Q({ landlocked: true, area__gt: 1_000_000 }), Q.not(Q({ region: "Africa" }))),
        ),
      ).values("name", "region", "area"),
  },
  {
    ask: "Which capitals have the name of their country?",
    answer: () => Country.filter({ capital: F("name") }).valuesList("name", { flat: true }),
  },
  {
    ask: "Which are the largest cities of countries without a coast?",
    answer: () =>
      City.filter({
        countryCode__in: Country.filter({ landlocked: true }).valuesList("code", { flat: true }),
      })
        .orderBy("-population")
        .limit(4)
        .values("name", "countryCode", "population"),
  },
  {
    ask: "Which African country is the largest?",
    answer: () => Country.filter({ region: "Africa" }).latest("area").values("name", "capital", "area"),
  },
];

/** Questions whose answer takes more than one query set. */
export const writing: Question[] = [
  {
    ask: "How many cities are there, and does any have more than 30 million people?",
    answer: async () => {
      const cities = await City.all().count();
      const giant = await City.exists({ population__gt: 30_000_000 });
      return { cities, giant };
    },
  },
  {
    ask: "Objects have methods, JSON comes back as it was.",
    answer: async () => {
      const country = await Country.get({ code: "CH" });
      const { name, languages } = country;
      return { name, languages, currency: country.currencyNames };
    },
  },
  {
    ask: "A hundred people move to every town of Liechtenstein: one UPDATE, computed by the database.",
    answer: async () => {
      const towns = City.filter({ countryCode: "LI" });
      await towns.update({ population: F("population").plus(100) });
      return towns.orderBy("-population").limit(3).values("name", "population");
    },
  },
  {
    ask: "One object changes: save() writes the column that did, and no other.",
    answer: async () => {
      const city = await City.get({ name: "Vaduz" });
      city.population += 1;
      await city.save();
    },
  },
  {
    ask: "How many people of each country live in the cities we know? Counted here, written in bulk.",
    answer: async () => {
      const people = totals(await City.valuesList("countryCode", "population"));
      const countries = await Country.all();
      for (const country of countries) country.urbanPopulation = people.get(country.code) ?? 0;
      await Country.bulkUpdate(countries, ["urbanPopulation"]);
      return Country.orderBy("-urbanPopulation").limit(4).values("name", "urbanPopulation");
    },
  },
  {
    ask: "A transaction moves the Vatican to Italy, then fails: nothing of it stays.",
    answer: async () => {
      const cities = City.filter({ countryCode: "VA" });
      const before = await cities.count();
      try {
        await inTransaction(async () => {
          const moved = await cities.update({ countryCode: "IT" });
          throw new Error(`${moved} moved, and then somebody objected`);
        });
      } catch (error) {
        return { error: String(error), before, after: await cities.count() };
      }
    },
  },
];

/** Mistakes, and what is said of them. */
export const mistakes: Question[] = [
  {
    ask: "A second country with a code that is taken: refused by the database, told in the model's words.",
    throws: "IntegrityError",
    answer: () =>
      Country.create({
        code: "FR",
        name: "Second France",
        officialName: "The Other French Republic",
        region: "Europe",
        landlocked: false,
      }),
  },
  {
    ask: "A capital whose name is too long for its column: refused before any SQL.",
    throws: "ValidationError",
    answer: async () => {
      const country = await Country.get({ code: "GB" });
      country.capital = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch".repeat(2);
      await country.save();
    },
  },
  {
    ask: "A filter from outside, say from a request, that names a field there is not.",
    throws: "FieldError",
    answer: () => City.filter(JSON.parse('{ "nmae__startswith": "Par" }')),
  },
];

function totals(rows: [name: string, amount: number][]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, amount] of rows) sums.set(name, (sums.get(name) ?? 0) + amount);
  return sums;
}
