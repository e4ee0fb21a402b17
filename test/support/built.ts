import { buildPackage } from "../house/support/build.js";

/** Adapters are tested as they are published, so the package is built before the first of their tests. */
export default buildPackage;
