// Judged by `convt check "cmd:node harness.mjs tfjs"` or `... onnxruntime-web`: npm's frameworks behind convt's protocol.
import { serve } from "./protocol.mjs";

const MODULES = { tfjs: "./tfjs.mjs", "onnxruntime-web": "./onnxruntime.mjs" };
const name = process.argv[2];

async function load() {
  if (!(name in MODULES)) return { failed: "usage", message: `name one of ${Object.keys(MODULES).join(", ")} after harness.mjs` };
  try {
    return await (await import(MODULES[name])).load();
  } catch (error) {
    const absent = error.code === "ERR_MODULE_NOT_FOUND";
    const remedy = absent ? "is not installed: run npm ci beside package.json" : `is installed but broken: ${error.message}`;
    return { failed: absent ? "absent" : "broken", message: `${name} ${remedy}` };
  }
}

await serve(load);
