// node ask.mjs [--format float|base64] URL KEY TEXT...: the texts' vectors as JSON, from the embedding service, by OpenAI's client.
import { parseArgs } from 'node:util';
import OpenAI from 'openai';

const { values, positionals } = parseArgs({ options: { format: { type: 'string' } }, allowPositionals: true });
const [baseURL, apiKey, ...input] = positionals;
const client = new OpenAI({ baseURL, apiKey });
const { data } = await client.embeddings.create({ model: 'cclm', input, encoding_format: values.format });
console.log(JSON.stringify(data.map(item => item.embedding)));
