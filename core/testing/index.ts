export {
  captureQueries,
  expectQueries,
  QueryCountError,
  type Captured,
  type CaptureOptions,
  type Expected,
} from "./capture.js";
export { conformance, type ConformanceGroup, type ReadyCase, type TestRunner } from "./conformance/index.js";
export type { ConformanceOptions, OpenDriver } from "./conformance/case.js";
export { mock, type MockAnswer, type MockDriver, type MockOptions } from "./mock.js";
