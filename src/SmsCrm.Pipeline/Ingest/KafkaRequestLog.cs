using Microsoft.Extensions.Options;
using SmsCrm.Streams;
using SmsCrm.Streams.Producing;

namespace SmsCrm.Pipeline.Ingest;

internal sealed class KafkaRequestLog(RecordProducer producer, IOptions<KafkaOptions> options) : IRequestLog
{
    public bool IsDurable => options.Value.Durable;

    public ValueTask<ProduceOutcome> AppendAsync(in OutgoingRecord record, CancellationToken cancellation) =>
        producer.ProduceAsync(record, cancellation);
}
