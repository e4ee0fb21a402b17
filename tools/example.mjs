import "./guard.mjs";

// What follows is TypeScript: only a Node that passed the guard can read it.
await import("./example.ts");
