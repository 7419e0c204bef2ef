// An ONNX model of one ConvTranspose, as bytes: the few fields of onnx.proto that it needs, in protobuf's wire format.

function varint(number) {
  const bytes = [];
  let left = BigInt.asUintN(64, BigInt(number));
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

const int = (field, number) => [...varint(field << 3), ...varint(number)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, string) => bytes(field, [...Buffer.from(string)]);

const ELEMENTS = { float32: 1, float64: 11 };
const ATTRIBUTES = { int: 2, string: 3, ints: 7 };

/** AttributeProto: a number, a string or a list of numbers. */
function attribute(name, value) {
  if (Array.isArray(value)) return [...text(1, name), ...value.flatMap((each) => int(8, each)), ...int(20, ATTRIBUTES.ints)];
  if (typeof value === "string") return [...text(1, name), ...text(4, value), ...int(20, ATTRIBUTES.string)];
  return [...text(1, name), ...int(3, value), ...int(20, ATTRIBUTES.int)];
}

/** ValueInfoProto: a tensor of this dtype, its shape left open. */
function value(name, dtype) {
  return [...text(1, name), ...bytes(2, bytes(1, int(1, ELEMENTS[dtype])))];
}

/** ModelProto with inputs X, W and, if there is a bias, B, and the output Y. */
export function convTranspose(dtype, attributes, biased) {
  const inputs = biased ? ["X", "W", "B"] : ["X", "W"];
  const node = [
    ...inputs.flatMap((name) => text(1, name)),
    ...text(2, "Y"),
    ...text(4, "ConvTranspose"),
    ...Object.entries(attributes).flatMap(([name, each]) => bytes(5, attribute(name, each))),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, "one call"),
    ...inputs.flatMap((name) => bytes(11, value(name, dtype))),
    ...bytes(12, value("Y", dtype)),
  ];
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, int(2, 17))]);
}
