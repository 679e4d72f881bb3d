// Checks that the official Node SDK works unchanged against the simulator. Usage: node messages.mjs BASE_URL ACCOUNT_SID AUTH_TOKEN
// Prints one JSON object a line: {"group":"create","name":"...","ok":true} or {...,"ok":false,"error":"..."}.
import assert from 'node:assert/strict';
import twilio from 'twilio';

const [baseUrl, accountSid, authToken] = process.argv.slice(2);
const from = '12345';
const handset = '+14155550101';

function clientOf(sid, token) {
  const client = twilio(sid, token);
  client.api.baseUrl = baseUrl;
  return client;
}

const client = clientOf(accountSid, authToken);
const create = (more = {}) => client.messages.create({ to: handset, from, body: 'Hello', ...more });

async function until(read, isDone) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (isDone(value)) return value;
    assert.ok(Date.now() < deadline, `still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const final = (sid) => until(() => client.messages(sid).fetch(), (message) => message.status === 'delivered');

async function refused(promise, code, status = 400) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, code);
    assert.equal(error.status, status);
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
    return true;
  });
}

const checks = {
  create: {
    'a message has the types that the SDK expects': async () => {
      const message = await create({ body: 'Héllo + 100% & more 😀' });
      assert.match(message.sid, /^SM[0-9a-f]{32}$/);
      assert.equal(message.accountSid, accountSid);
      assert.equal(message.body, 'Héllo + 100% & more 😀');
      assert.equal(message.status, 'queued');
      assert.equal(message.direction, 'outbound-api');
      assert.equal(message.numSegments, '1');
      assert.equal(message.numMedia, '0');
      assert.equal(message.errorCode, null);
      assert.equal(message.errorMessage, null);
      assert.equal(message.messagingServiceSid, null);
      assert.equal(message.apiVersion, '2010-04-01');
      assert.equal(message.uri, `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}.json`);
      assert.equal(message.subresourceUris.media, `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}/Media.json`);
      assert.ok(message.dateCreated instanceof Date && Math.abs(Date.now() - message.dateCreated) < 60_000);
      assert.ok(message.dateUpdated instanceof Date);
    },
    'a messaging service leaves sender and segments open': async () => {
      const message = await client.messages.create({ to: handset, body: 'Hello', messagingServiceSid: 'MG0123456789abcdef0123456789abcdef' });
      assert.equal(message.status, 'accepted');
      assert.equal(message.from, null);
      assert.equal(message.numSegments, '0');
    },
    'a message with media has an MM sid and counts them': async () => {
      const message = await create({ mediaUrl: ['https://example.com/a.png', 'https://example.com/b.png'] });
      assert.match(message.sid, /^MM[0-9a-f]{32}$/);
      assert.equal(message.numMedia, '2');
    },
    'a message can be scheduled and cancelled': async () => {
      const message = await client.messages.create({
        to: handset, body: 'Later', messagingServiceSid: 'MG0123456789abcdef0123456789abcdef',
        scheduleType: 'fixed', sendAt: new Date(Date.now() + 3_600_000),
      });
      assert.equal(message.status, 'scheduled');
      const cancelled = await client.messages(message.sid).update({ status: 'canceled' });
      assert.equal(cancelled.status, 'canceled');
    },
  },
  fetch: {
    'a message is fetched and reaches its last status': async () => {
      const { sid } = await create();
      const message = await final(sid);
      assert.equal(message.sid, sid);
      assert.ok(message.dateSent instanceof Date);
      assert.equal(message.priceUnit, 'USD');
      assert.equal(message.price, '-0.00790');
    },
  },
  list: {
    'pages follow one another, newest first': async () => {
      const to = '+14155550177';
      const sids = [];
      for (let i = 0; i < 7; i++) sids.unshift((await create({ to, body: `Text ${i}` })).sid);
      const all = await client.messages.list({ to, pageSize: 3 });
      assert.deepEqual(all.map((message) => message.sid), sids);
      const two = await client.messages.list({ to, limit: 2 });
      assert.deepEqual(two.map((message) => message.sid), sids.slice(0, 2));
    },
    'a page leads to the next and back': async () => {
      const to = '+14155550178';
      for (let i = 0; i < 5; i++) await create({ to, body: `Text ${i}` });
      const first = await client.messages.page({ to, pageSize: 2 });
      const second = await first.nextPage();
      const third = await second.nextPage();
      assert.deepEqual(third.instances.map((message) => message.body), ['Text 0']);
      assert.equal(await third.nextPage(), undefined);
      const back = await third.previousPage();
      assert.deepEqual(back.instances.map((message) => message.sid), second.instances.map((message) => message.sid));
    },
    'dates and senders filter': async () => {
      const to = '+14155550179';
      await create({ to });
      const hour = 3_600_000;
      const found = (query) => client.messages.list({ to, ...query }).then((list) => list.length);
      assert.equal(await found({ dateSentAfter: new Date(Date.now() - hour) }), 1);
      assert.equal(await found({ dateSentAfter: new Date(Date.now() + hour) }), 0);
      assert.equal(await found({ dateSentBefore: new Date(Date.now() + hour) }), 1);
      assert.equal(await found({ dateSentBefore: new Date(Date.now() - hour) }), 0);
      assert.equal(await found({ from }), 1);
      assert.equal(await found({ from: '54321' }), 0);
    },
  },
  update: {
    'a text is redacted': async () => {
      const { sid } = await create({ body: 'Secret' });
      await final(sid);
      const message = await client.messages(sid).update({ body: '' });
      assert.equal(message.body, '');
      assert.equal((await client.messages(sid).fetch()).body, '');
    },
    'what is not scheduled can not be cancelled': async () => {
      const { sid } = await create();
      await refused(client.messages(sid).update({ status: 'canceled' }), 30409);
    },
  },
  remove: {
    'a message is removed and gone': async () => {
      const { sid } = await create();
      await final(sid);
      assert.equal(await client.messages(sid).remove(), true);
      await refused(client.messages(sid).fetch(), 20404, 404);
    },
  },
  errors: {
    'a wrong token is told': () => refused(clientOf(accountSid, 'wrong').messages.create({ to: handset, from, body: 'Hello' }), 20003, 401),
    'an unknown sid is told': () => refused(client.messages(`SM${'0'.repeat(32)}`).fetch(), 20404, 404),
    'a missing recipient is told': () => refused(client.messages.create({ from, body: 'Hello', to: '' }), 21604),
    'magic numbers answer with their codes': async () => {
      const to = { 1: 21211, 2: 21612, 3: 21408, 4: 21610, 9: 21614 };
      for (const [digit, code] of Object.entries(to)) await refused(create({ to: `+1500555000${digit}` }), code);
      const senders = { 1: 21212, 7: 21606, 8: 21611 };
      for (const [digit, code] of Object.entries(senders)) await refused(create({ from: `+1500555000${digit}` }), code);
      await create({ from: '+15005550006' });
    },
    'a text that is too long is told': () => refused(create({ body: 'a'.repeat(1601) }), 21617),
    'a wrong callback is told': () => refused(create({ statusCallback: 'nowhere' }), 21609),
  },
};

for (const [group, named] of Object.entries(checks)) {
  for (const [name, check] of Object.entries(named)) {
    let line = { group, name, ok: true };
    try {
      await check();
    } catch (error) {
      line = { group, name, ok: false, error: String(error?.stack ?? error) };
    }
    console.log(JSON.stringify(line));
  }
}
