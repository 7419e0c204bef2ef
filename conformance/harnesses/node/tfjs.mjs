// TensorFlow.js on its CPU backend: tf.conv2dTranspose with a height of one.
import { Unsupported, only } from "./protocol.mjs";

/** What tf.conv2dTranspose has no argument for. */
function refuse({ call, arguments: given, weight_axes: axes }, x, weight, bias) {
  const none = (what) => {
    throw new Unsupported(`tf.conv2dTranspose ${what}`);
  };
  if (call !== "function") none("is a function, and the layer is another package's");
  if (bias) none("has no bias");
  if (x.dtype !== "float32") none("has no float64");
  if (given.data_format !== "NLC") none("takes NHWC only");
  if ((given.groups ?? 1) !== 1) none("has no groups");
  if (only(given.dilation ?? 1) !== 1) none("has no dilation");
  if (axes !== "mapped") none("has a kernel with axes of its own, (1, K, C_out, C_in)");
  if (x.shape.length !== 3 || weight.shape.length !== 3) none("takes four axes, of which the harness adds the height");
  for (const name of ["stride", "output_padding", "output_size"]) {
    if (typeof given[name] === "object") none(`takes a number for each axis, so no list or tuple as ${name}`);
  }
  if (typeof given.padding === "object") none("takes a pair of paddings for each axis, so no list or tuple of one axis");
  if (["same", "valid"].includes(given.padding)) none("writes its own paddings in lower case, so the spelling cannot be asked for");
  if (given.padding === "SAME" && given.output_size === undefined) none("wants the output's length for SAME, and has no default");
  if (given.output_size !== undefined && given.output_padding !== undefined) none("has one outputShape for output_size and output_padding");
}

/** The output's length, which the caller of tf.conv2dTranspose computes; a stride that means nothing counts as 1 here. */
function outputLength(given, length, kernel) {
  if (given.output_size !== undefined) return given.output_size;
  const stride = Math.trunc(given.stride) >= 1 ? Math.trunc(given.stride) : 1;
  const padding = typeof given.padding === "number" ? given.padding : 0;
  return (length - 1) * stride + kernel - 2 * padding + (given.output_padding ?? 0);
}

export async function load() {
  const tf = await import("@tensorflow/tfjs-core");
  const backend = await import("@tensorflow/tfjs-backend-cpu");
  await tf.setBackend("cpu");

  function run(request, x, weight, bias) {
    refuse(request, x, weight, bias);
    const given = request.arguments;
    const [batch, length, inChannels] = x.shape;
    const [rows, outChannels, kernel] = weight.shape;
    const shape = [batch, 1, outputLength(given, length, kernel), outChannels];
    const padding = given.padding ?? 0;
    const pad = typeof padding === "number" ? [[0, 0], [0, 0], [padding, padding], [0, 0]] : padding.replace(/^(SAME|VALID)$/, (word) => word.toLowerCase());
    return tf.tidy(() => {
      const filter = tf.transpose(tf.tensor(weight.values, [1, rows, outChannels, kernel]), [0, 3, 2, 1]);
      const y = tf.conv2dTranspose(tf.tensor(x.values, [batch, 1, length, inChannels]), filter, shape, [1, given.stride ?? 1], pad);
      return { dtype: y.dtype, shape: [y.shape[0], y.shape[2], y.shape[3]], values: y.dataSync() };
    });
  }

  const description = {
    name: "tfjs",
    version: tf.version_core,
    language: "JavaScript",
    home: "https://www.tensorflow.org/js",
    supports: ["NLC", "function", "VALID", "padding", "output_padding", "output_size", "float32"],
    packages: { "tfjs-core": tf.version_core, "tfjs-backend-cpu": backend.version_cpu, node: process.version },
  };
  return { description, run };
}
