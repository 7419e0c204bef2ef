// ONNX Runtime Web in WebAssembly: a model of one ConvTranspose for each set of attributes.
import { readFileSync } from "node:fs";
import { convTranspose } from "./model.mjs";
import { Unsupported } from "./protocol.mjs";

/** Sessions that are kept: making one takes most of a call's time. */
const KEPT = 200;

/** An argument as the list of ints that ONNX's attribute is. */
function ints(name, argument) {
  const items = argument?.list ?? argument?.tuple ?? [argument];
  if (!items.every(Number.isInteger)) throw new Unsupported(`ConvTranspose's attribute for ${name} holds ints only`);
  return items;
}

/** The call as ConvTranspose's attributes; what is left out stays out. */
function attributes({ call, arguments: given }) {
  if (call !== "function") throw new Unsupported("ConvTranspose is an operator, and has no layer form");
  if (![undefined, "NCL"].includes(given.data_format)) throw new Unsupported("ConvTranspose has no data_format, its input is always NCL");
  const found = {};
  const names = { stride: "strides", output_padding: "output_padding", output_size: "output_shape", dilation: "dilations" };
  for (const [name, attribute] of Object.entries(names)) {
    if (name in given) found[attribute] = ints(name, given[name]);
  }
  if ("groups" in given) [found.group] = ints("groups", given.groups);
  if (typeof given.padding === "string") found.auto_pad = given.padding === "SAME" ? "SAME_UPPER" : given.padding;
  else if ("padding" in given) {
    const pads = ints("padding", given.padding);
    found.pads = pads.length === 1 ? [pads[0], pads[0]] : pads;
    const ignored = found.output_shape && pads.some((each) => each !== 0);
    if (ignored) throw new Unsupported("ConvTranspose ignores pads beside output_shape, and crops both ends alike");
  }
  return found;
}

export async function load() {
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const version = JSON.parse(readFileSync(new URL(".", import.meta.resolve("onnxruntime-web")).pathname + "../package.json")).version;

  const sessions = new Map();

  /** A session for these attributes, one of the last that were asked for. */
  async function session(...model) {
    const key = JSON.stringify(model);
    if (!sessions.has(key)) {
      const options = { executionProviders: ["wasm"], logSeverityLevel: 4 };
      sessions.set(key, await ort.InferenceSession.create(convTranspose(...model), options));
      const [oldest] = sessions.keys();
      if (sessions.size > KEPT) {
        await sessions.get(oldest).release();
        sessions.delete(oldest);
      }
    }
    return sessions.get(key);
  }

  async function run(request, x, weight, bias) {
    const model = await session(x.dtype, attributes(request), bias !== null);
    const feeds = {};
    for (const [name, array] of Object.entries({ X: x, W: weight, B: bias })) {
      if (array) feeds[name] = new ort.Tensor(array.dtype, array.values, array.shape);
    }
    const { Y } = await model.run(feeds);
    return { dtype: Y.type, shape: [...Y.dims], values: Y.data };
  }

  const description = {
    name: "onnxruntime-web",
    version,
    language: "JavaScript",
    home: "https://onnxruntime.ai",
    supports: ["NCL", "function", "bias", "groups", "dilation", "padding", "VALID", "SAME", "output_padding", "output_size", "float32"],
    packages: { "onnxruntime-web": version, node: process.version },
  };
  return { description, run };
}
