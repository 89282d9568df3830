// What a user of Node writes: MODEL LINES ROWS BATCHES. Prints the milliseconds of a batch, and the most memory in MB.
process.env.ORT_DISABLE_TELEMETRY = '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');
const { readFileSync } = await import('node:fs');

const [path, lines, ...numbers] = process.argv.slice(1);
const [rows, batches] = numbers.map(Number);
const texts = readFileSync(lines, 'utf8').split('\n').slice(0, rows);
const session = await InferenceSession.create(path);
const batch = () => session.run({ text: new Tensor('string', texts, [rows]) }, ['embedding']);
for (let i = 0; i < 3; i++) {
    await batch();
}
const start = performance.now();
for (let i = 0; i < batches; i++) {
    await batch();
}
console.log(`${(performance.now() - start) / batches} ${process.resourceUsage().maxRSS / 1024}`);
