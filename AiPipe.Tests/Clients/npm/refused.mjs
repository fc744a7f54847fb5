// Calls the gateway once with each SDK as its documentation says, and prints what a program sees: one JSON line an SDK.
// Usage: node refused.mjs ADDRESS TOKEN
import OpenAI from 'openai';
import { generateText } from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI } from '@google/genai';

const [address, token] = process.argv.slice(2);
let requests = 0;
const send = globalThis.fetch;
globalThis.fetch = (...request) => { requests++; return send(...request); };

const calls = {
  openai: () => new OpenAI({ baseURL: `${address}/openai/v1`, apiKey: token })
    .chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
  ai: () => generateText({ model: createOpenAI({ baseURL: `${address}/openai/v1`, apiKey: token }).chat('gpt-4o-mini'), prompt: 'Hi' }),
  genai: () => new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: `${address}/gemini`, apiVersion: '' } })
    .models.generateContent({ model: 'gemini-2.0-flash', contents: 'Hi' }),
};
for (const [sdk, call] of Object.entries(calls)) {
  requests = 0;
  try {
    await call();
    console.log(JSON.stringify({ sdk, requests, error: null }));
  } catch (error) {
    console.log(JSON.stringify({ sdk, requests, error: error.message, status: error.status ?? error.lastError?.statusCode ?? error.statusCode }));
  }
}
