// Verifies deliveries as a customer would, with npm standardwebhooks. Reads a JSON object a line from standard input:
// {"name", "secret", "headers", "body", "valid"}; prints a check a line.
import readline from 'node:readline';
import { Webhook } from 'standardwebhooks';

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { name, secret, headers, body, valid } = JSON.parse(line);
  let error;
  try {
    new Webhook(secret).verify(body, headers);
  } catch (failed) {
    error = failed.message;
  }
  const ok = (error === undefined) === valid;
  console.log(JSON.stringify({ group: 'webhooks', name, ok, error: ok ? undefined : error ?? 'it was verified' }));
}
