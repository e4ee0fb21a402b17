import { F, inTransaction, Prefetch, Q } from "terrapin";
import { City, Country, Currency, Language } from "./models.ts";

/** One question: a sentence for people, and the program that answers it. */
export interface Question {
  ask: string;
  answer: () => unknown;
  /** the class of the error that is the answer */
  throws?: string;
}

/** Questions about one model, or with a relation on the way to a value: each is one query set and one statement. */
export const reading: Question[] = [
  {
    ask: "Which are the largest cities?",
    answer: () => City.orderBy("-population").limit(5).values("name", { country: "country__name" }, "population"),
  },
  {
    ask: "Which large cities have “saint” in their name, however it is written?",
    answer: () =>
      City.filter({ name__icontains: "saint", population__gte: 150_000 })
        .orderBy("name")
        .values("name", "countryId", "population"),
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
        .values("name", "countryId", "latitude", "longitude"),
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
    ask: "Which African country is the largest?",
    answer: () => Country.filter({ region: "Africa" }).latest("area").values("name", "capital", "area"),
  },
];

/** Questions along foreign keys and many-to-many relations. */
export const relations: Question[] = [
  {
    ask: "Which are the largest cities of countries without a coast?",
    answer: () =>
      City.filter({ country__landlocked: true })
        .orderBy("-population")
        .limit(4)
        .values("name", { country: "country__name" }, "population"),
  },
  {
    ask: "The capitals of Oceania, those of the largest countries first: an order follows a path, too.",
    answer: () =>
      City.filter({ kind: "PPLC", country__region: "Oceania" })
        .orderBy("-country__area")
        .limit(4)
        .values("name", "country__name", "country__area"),
  },
  {
    ask: "Which languages are spoken in Europe far from the sea? One country is both, and each language comes once.",
    answer: () =>
      Language.filter({ countries__region: "Europe", countries__landlocked: true }).valuesList("name", {
        flat: true,
      }),
  },
  {
    ask:
      "Where do large cities speak French and Arabic? Two conditions on one path speak of one row, and no language is " +
      "both: the second is asked of a query of its own.",
    answer: () =>
      City.filter({
        country__languages__name: "French",
        country__in: Country.filter({ languages__name: "Arabic" }),
        population__gt: 200_000,
      })
        .orderBy("country__name", "-population")
        .values("name", { country: "country__name" }, "population"),
  },
  {
    ask: "Which South American countries have no border with Brazil?",
    answer: () =>
      Country.filter({ subregion: "South America" })
        .exclude({ borders__name: "Brazil" })
        .valuesList("name", { flat: true }),
  },
  {
    ask: "Which large countries border on nobody?",
    answer: () => Country.filter({ borders__isnull: true, area__gt: 200_000 }).orderBy("-area").values("name", "area"),
  },
  {
    ask: "Which countries are two borders away from Portugal? (A model related to itself, gone twice.)",
    answer: () => Country.filter({ borders__borders: "PT" }).exclude({ code: "PT" }).valuesList("name", { flat: true }),
  },
  {
    ask: "With what do Switzerland's neighbours pay? (Values along a to-many path: a row for each pair.)",
    answer: () =>
      Country.filter({ borders: "CH" }).values("name", { currency: "currencies__name", symbol: "currencies__symbol" }),
  },
  {
    ask: "The largest cities as objects, each with its country as an object: one join.",
    answer: async () => {
      const cities = await City.filter({ population__gt: 12_000_000 }).selectRelated("country").orderBy("-population");
      return cities.map((city) => ({ city: city.name, country: city.country.label, region: city.country.region }));
    },
  },
  {
    ask:
      "Languages of the Andes, the countries that speak them, their currencies, and the two largest cities of each: " +
      "a statement for each relation, however many objects there are.",
    answer: async () => {
      const largest = City.orderBy("-population").limit(2);
      const languages = await Language.filter({ name__in: ["Aymara", "Quechua", "Guaraní"] }).prefetchRelated(
        "countries__currencies",
        Prefetch("countries__cities", largest, { toAttr: "largest" }),
      );
      return languages.flatMap((language) =>
        language.countries.map((country) => ({
          language: language.name,
          country: country.name,
          currencies: country.currencies.map(({ code }) => code),
          largest: country.largest.map(({ name }) => name),
        })),
      );
    },
  },
  {
    ask: "What does Iceland have? What an object leads to is a query set: await it, or go on asking.",
    answer: async () => {
      const iceland = await Country.get({ code: "IS" });
      const cities = await iceland.cities.filter({ population__gt: 15_000 }).orderBy("-population");
      const languages = await iceland.languages;
      const countries = await Country.filter({ languages__in: languages }).count();
      return { cities: cities.map(({ name }) => name), languages: languages.map(({ name }) => name), countries };
    },
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
    ask: "JSON comes back as it was.",
    answer: async () => {
      const { name, translations } = await Country.get({ code: "CH" });
      return { name, Finnish: translations["fin"], Spanish: translations["spa"] };
    },
  },
  {
    ask: "A hundred people move to every town of Liechtenstein: one UPDATE, computed by the database.",
    answer: async () => {
      const towns = City.filter({ country__name: "Liechtenstein" });
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
    ask: "Abandoned and destroyed places of the Americas go: one DELETE, along the relation.",
    answer: () => City.filter({ kind__in: ["PPLQ", "PPLW"], country__region: "Americas" }).delete(),
  },
  {
    ask: "In 2026 Bulgaria changed its lev for the euro: all or nothing, and the loaded list follows.",
    answer: async () => {
      const euro = await Currency.get({ code: "EUR" });
      const bulgaria = await Country.get({ code: "BG" }).prefetchRelated("currencies");
      const before = bulgaria.currencies.map(({ name }) => name);
      await inTransaction(async () => {
        await bulgaria.currencies.add(euro);
        await bulgaria.currencies.remove("BGN");
      });
      const after = bulgaria.currencies.map(({ name }) => name);
      return { before, after, "countries with the euro": await euro.countries.all().count() };
    },
  },
  {
    ask: "Malta gets Italian back: set() adds what is missing and removes what is too much.",
    answer: async () => {
      const malta = await Country.get({ code: "MT" });
      await malta.languages.set(["mlt", "eng", "ita"]);
      return malta.languages.all().valuesList("name", { flat: true });
    },
  },
  {
    ask: "How many people of each country live in the cities we know? Counted here, written in bulk.",
    answer: async () => {
      const people = totals(await City.valuesList("countryId", "population"));
      const countries = await Country.all();
      for (const country of countries) country.urbanPopulation = people.get(country.code) ?? 0;
      await Country.bulkUpdate(countries, ["urbanPopulation"]);
      return Country.orderBy("-urbanPopulation").limit(4).values("name", "urbanPopulation");
    },
  },
  {
    ask: "A transaction moves the Vatican to Italy, then fails: nothing of it stays.",
    answer: async () => {
      const italy = await Country.get({ code: "IT" });
      const cities = City.filter({ country__name: "Vatican City" });
      const before = await cities.count();
      try {
        await inTransaction(async () => {
          const moved = await cities.update({ country: italy });
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
    answer: () => City.filter(JSON.parse('{ "country__nmae__startswith": "Par" }')),
  },
  {
    ask: "A relation is read that nobody loaded. (The compiler refuses city.country.name.)",
    throws: "NoValuesFetched",
    answer: async () => {
      const city = await City.get({ name: "Reykjavík" });
      return Reflect.get(city.country, "name");
    },
  },
  {
    ask: "The cities of a country that was never saved.",
    throws: "OperationalError",
    answer: () => {
      const country = new Country({
        code: "XX",
        name: "Atlantis",
        officialName: "Atlantis",
        region: "Oceania",
        landlocked: false,
      });
      return City.filter({ country });
    },
  },
  {
    ask: "A country that has cities is deleted, and its foreign key says RESTRICT.",
    throws: "IntegrityError",
    answer: () => Country.filter({ code: "FR" }).delete(),
  },
];

function totals(rows: [name: string, amount: number][]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, amount] of rows) sums.set(name, (sums.get(name) ?? 0) + amount);
  return sums;
}
