// convt's protocol for an implementation in Node: JSON lines on stdin and stdout.
import { createInterface } from "node:readline";

/** Thrown by an implementation that has no call for what is asked; the message says why. */
export class Unsupported extends Error {}

const TYPES = { float32: Float32Array, float64: Float64Array };

/** A typed array and its shape from a message. */
function decoded(message) {
  if (message === null) return null;
  const bytes = Uint8Array.from(Buffer.from(message.data, "base64"));
  return { dtype: message.dtype, shape: message.shape, values: new TYPES[message.dtype](bytes.buffer) };
}

function encoded({ dtype, shape, values }) {
  return { dtype, shape, data: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64") };
}

/** The one number of an argument that is a number, or a list or tuple of one; undefined where it was left out, else as it came. */
export function only(argument) {
  const items = argument?.list ?? argument?.tuple;
  return items?.length === 1 ? items[0] : argument;
}

async function outcome(implementation, request) {
  try {
    const arrays = [request.x, request.weight, request.bias].map(decoded);
    const before = arrays.map((array) => array && encoded(array).data);
    const array = await implementation.run(request, ...arrays);
    const changed = arrays.some((each, index) => each && encoded(each).data !== before[index]);
    const found = { outcome: "computed", changed_input: changed };
    if (!array.shape.every(Number.isInteger)) return { ...found, array: null, dtype: `tensor of shape [${array.shape}]` };
    return { ...found, array: encoded(array) };
  } catch (error) {
    if (error instanceof Unsupported) return { outcome: "unsupported", reason: error.message };
    if (error instanceof WebAssembly.RuntimeError) throw error; // its memory is in no known state: the process ends
    const message = String(error?.message ?? error).split("\n")[0];
    return { outcome: "rejected", error: error?.constructor?.name ?? typeof error, message };
  }
}

/** Answers requests until `stop`; `load` gives the implementation, or why there is none as `failed` and `message`. */
export async function serve(load) {
  let implementation;
  const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const request = JSON.parse(line);
    if (request.request === "stop") break;
    if (request.request === "start") {
      implementation = await load();
      answer(implementation.failed ? implementation : { protocol: 1, description: implementation.description });
    } else {
      answer({ id: request.id, ...(await outcome(implementation, request)) });
    }
  }
  process.exit(0);
}
