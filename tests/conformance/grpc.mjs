// Checks that a gRPC client of another language and library, with nothing but our .proto files, can send, and understands what is wrong.
// Usage: node grpc.mjs HOST:PORT API_KEY PROTO_FOLDER
// Prints one JSON object a line: {"group":"send","name":"...","ok":true} or {...,"ok":false,"error":"..."}.
import assert from 'node:assert/strict';
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const [address, key, protos] = process.argv.slice(2);
const definition = protoLoader.loadSync(path.join(protos, 'smscrm/v1/ingest.proto'), {
  keepCase: true, longs: String, enums: String, defaults: true, oneofs: true, includeDirs: [protos],
});
const { smscrm } = grpc.loadPackageDefinition(definition);
const client = new smscrm.v1.MessageIngest(address, grpc.credentials.createInsecure());

const credentials = (token = key) => {
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
};
const deadline = () => ({ deadline: Date.now() + 20_000 });
const call = (method, request, metadata = credentials()) => new Promise((resolve, reject) => {
  client[method](request, metadata, deadline(), (error, answer) => (error ? reject(error) : resolve(answer)));
});
const text = (more = {}) => ({ to: '+14155550123', body: 'Hello from Node', purpose: 'PURPOSE_TRANSACTIONAL', ...more });

async function refused(promise, code, words) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code, `${error.code}: ${error.details}`);
    assert.match(error.details, words);
    return true;
  });
}

// A google.rpc.Status with a google.rpc.BadRequest, read as far as its texts go: the field's name stands in it in clear.
const richStatus = (error) => Buffer.concat(error.metadata.get('grpc-status-details-bin')).toString('utf8');

function stream(requests) {
  return new Promise((resolve, reject) => {
    const answers = [];
    const both = client.SendStream(credentials(), deadline());
    both.on('data', (answer) => answers.push(answer));
    both.on('error', reject);
    both.on('end', () => resolve(answers));
    requests.forEach((request) => both.write(request));
    both.end();
  });
}

const checks = {
  send: {
    'a text is accepted under an id': async () => {
      const answer = await call('Send', text({ client_reference: 'node-1' }));
      assert.match(answer.message_id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      assert.equal(answer.client_reference, 'node-1');
      assert.equal(answer.segments, 1);
      assert.equal(answer.repeated, false);
    },
    'a repeated key answers with the first id': async () => {
      const first = await call('Send', text({ idempotency_key: 'node-key' }));
      const repeat = await call('Send', text({ idempotency_key: 'node-key' }));
      assert.equal(repeat.message_id, first.message_id);
      assert.equal(repeat.repeated, true);
    },
  },
  batch: {
    'each item has its own answer': async () => {
      const { results } = await call('SendBatch', { messages: [text(), text({ to: '123' })] });
      assert.deepEqual(results.map((result) => result.outcome), ['accepted', 'error']);
      assert.equal(results[1].error.violations[0].field, 'to');
    },
  },
  stream: {
    'every request is answered, matched by its reference': async () => {
      const requests = Array.from({ length: 200 }, (_, n) => text({ client_reference: `s-${n}` }));
      const answers = await stream([...requests, text({ client_reference: 'bad', body: '' })]);
      assert.equal(answers.length, 201);
      assert.equal(new Set(answers.filter((answer) => answer.accepted).map((answer) => answer.client_reference)).size, 200);
      assert.equal(answers.find((answer) => answer.client_reference === 'bad').error.violations[0].field, 'body');
    },
  },
  errors: {
    'an unknown key is unauthenticated': () => refused(call('Send', text(), credentials('sk_unknown')), grpc.status.UNAUTHENTICATED, /key/i),
    'no key is unauthenticated': () => refused(call('Send', text(), new grpc.Metadata()), grpc.status.UNAUTHENTICATED, /./),
    'a bad number names field, value and remedy': async () => {
      const error = await call('Send', text({ to: '12' })).then(() => assert.fail('accepted'), (e) => e);
      assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
      assert.match(richStatus(error), /google\.rpc\.BadRequest/);
      assert.match(richStatus(error), /to.*12/s);
    },
    'a key with another body is a conflict': async () => {
      await call('Send', text({ idempotency_key: 'node-conflict' }));
      await refused(call('Send', text({ idempotency_key: 'node-conflict', body: 'Another' })), grpc.status.ALREADY_EXISTS, /key/i);
    },
  },
};

for (const [group, of] of Object.entries(checks)) {
  for (const [name, check] of Object.entries(of)) {
    try {
      await check();
      console.log(JSON.stringify({ group, name, ok: true }));
    } catch (error) {
      console.log(JSON.stringify({ group, name, ok: false, error: String(error?.message ?? error) }));
    }
  }
}
client.close();
