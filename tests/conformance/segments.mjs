// Counts texts as npm sms-segments-calculator does. Reads a JSON string a line from standard input; prints for each
// {"encoding","segments","smartEncoding","smartSegments"}: without and with smart encoding.
import readline from 'node:readline';
import { createRequire } from 'node:module';

const { SegmentedMessage } = createRequire(import.meta.url)('sms-segments-calculator');
for await (const line of readline.createInterface({ input: process.stdin })) {
  const text = JSON.parse(line);
  const plain = new SegmentedMessage(text, 'auto', false);
  const smart = new SegmentedMessage(text, 'auto', true);
  console.log(JSON.stringify({
    encoding: plain.getEncodingName(), segments: plain.segmentsCount, smartEncoding: smart.getEncodingName(), smartSegments: smart.segmentsCount,
  }));
}
