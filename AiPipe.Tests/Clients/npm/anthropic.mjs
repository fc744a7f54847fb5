// Sends one message, one stream and one count of tokens with Anthropic's SDK, and prints what a program sees: one JSON line each.
// Usage: node anthropic.mjs ADDRESS TOKEN
import Anthropic from '@anthropic-ai/sdk';

const [address, token] = process.argv.slice(2);
const client = new Anthropic({ baseURL: `${address}/anthropic`, apiKey: token });
const request = { model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };

const message = await client.messages.create(request);
console.log(JSON.stringify({ text: message.content[0].text, output: message.usage.output_tokens }));
const streamed = await client.messages.stream(request).finalMessage();
console.log(JSON.stringify({ text: streamed.content.find(block => block.type === 'text').text, output: streamed.usage.output_tokens }));
const counted = await client.messages.countTokens({ model: request.model, messages: request.messages });
console.log(JSON.stringify({ input: counted.input_tokens }));
try {
  await client.messages.create({ ...request, container: 'container_1' });
} catch (error) {
  console.log(JSON.stringify({ status: error.status, type: error.error.error.type, code: error.error.error.code }));
}
