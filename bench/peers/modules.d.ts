// The heavy libraries are installed on demand, so the compiler must not need them.
declare module "@mikro-orm/core";
declare module "@mikro-orm/sqlite";
declare module "@prisma/adapter-better-sqlite3";
declare module "@prisma/client";
declare module "typeorm";
declare module "@mikro-orm/mysql";
