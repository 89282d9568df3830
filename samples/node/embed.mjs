// node embed.mjs MODEL TEXT...: the texts' vectors as JSON, by a model that takes strings (cclm compose --text-in).
process.env.ORT_DISABLE_TELEMETRY = '1';     // read when the library is loaded, hence the import after it
const { InferenceSession, Tensor } = await import('onnxruntime-node');

const [path, ...texts] = process.argv.slice(2);
const session = await InferenceSession.create(path);
const { embedding } = await session.run({ text: new Tensor('string', texts, [texts.length]) }, ['embedding']);
const [count, dimensions] = embedding.dims;
const vectors = Array.from({ length: count }, (_, i) => [...embedding.data.subarray(i * dimensions, (i + 1) * dimensions)]);
console.log(JSON.stringify(vectors));
