export {
  captureQueries,
  expectQueries,
  QueryCountError,
  type Captured,
  type CaptureOptions,
  type Expected,
} from "./capture.js";
export { conformance, type ConformanceGroup, type ReadyCase, type TestRunner } from "./conformance/index.js";
export type { Capability, ConformanceOptions, OpenDriver } from "./conformance/case.js";
export { testContext, testDatabase, type TestDatabase, type TestDatabaseConfig } from "./database.js";
export { factory, type Factory, type FactoryMany } from "./factory.js";
export { fixtures, type Fixtures, type SandboxConfig, type TestFixtures } from "./fixtures.js";
export { mock, type MockAnswer, type MockDriver, type MockOptions } from "./mock.js";
export { openSandbox, sandbox, type Sandbox, type SandboxOptions } from "./sandbox.js";
export { truncateAllModels } from "./truncate.js";
