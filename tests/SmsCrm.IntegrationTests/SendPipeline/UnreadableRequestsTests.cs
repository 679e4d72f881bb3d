using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.IntegrationTests.Ledger;
using SmsCrm.Pipeline;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Storage;
using SmsCrm.Streams;
using SmsCrm.Streams.Consuming;
using SmsCrm.Streams.DeadLetters;
using SmsCrm.Streams.LocalBrokers;
using SmsCrm.Streams.Producing;
using SmsCrm.Streams.Reading;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.SendPipeline;

/// <summary>Requests that can't be read: each goes to the dead letters with its reason, is its tenant's by its headers, and holds up nobody.</summary>
public sealed class UnreadableRequestsTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>, IAsyncLifetime
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { Port = PrivatePorts.Next(), Topics = [] });
    private IHost _host = null!;
    private LedgerBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        foreach (var topic in Topics.All)
        {
            _broker.CreateTopic(topic, 1);
        }

        var postgres = await database.CreateAnotherAsync();
        _bench = new LedgerBench(postgres);
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SmsCrm:Storage:Postgres"] = postgres,
            ["SmsCrm:Kafka:BootstrapServers"] = _broker.Address,
        });
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddStreams(builder.Configuration);
        builder.Services.AddLedger();
        builder.Services.AddStreamConsumer(
            new ConsumerOptions { Name = "unreadable", GroupId = "unreadable", Topics = [Topics.MarketingRequests], Workers = 1 },
            static s => new EndingAll(new UnreadableRequests(s.GetRequiredService<DeadLetterBox>(), s.GetRequiredService<IMessageLedger>())));
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _bench.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Headers_that_are_damaged_too_hold_up_nobody()
    {
        var (damaged, longName, good) = (NewId(), NewId(), NewId());
        await AppendAsync(damaged, "spring\0");
        await AppendAsync(longName, new string('x', 300));
        await AppendAsync(good, "spring");

        await Eventually.EqualAsync(3L, () => _bench.ScalarAsync<long>("SELECT count(*) FROM messages WHERE state = 11"));

        Assert.Equal("spring", await _bench.ScalarAsync<string>($"SELECT campaign_id FROM messages WHERE id = '{damaged}'"));
        Assert.Equal(64, await _bench.ScalarAsync<int>($"SELECT length(campaign_id) FROM messages WHERE id = '{longName}'"));
        var letters = await LettersAsync();
        Assert.Equal(3, letters.Count);
        Assert.All(letters, letter => Assert.Equal((Topics.MarketingRequests, "it is none"), (letter.Topic, letter.Reason)));
        await _bench.AssertBalancedAsync();
    }

    private static MessageId NewId() => new(Guid.CreateVersion7());

    private async Task AppendAsync(MessageId id, string campaign)
    {
        RecordHeader[] headers =
        [
            new(RecordHeaders.Tenant, _bench.Tenant.ToBytes()), new(RecordHeaders.MessageId, id.ToBytes()), new(RecordHeaders.Campaign, Encoding.UTF8.GetBytes(campaign)),
        ];
        Assert.True((await _host.Services.GetRequiredService<RecordProducer>().ProduceAsync(
            new OutgoingRecord(Topics.MarketingRequests, id.ToBytes(), [0xff], headers), default)).IsAcknowledged);
    }

    private async Task<List<DeadLetterRecord>> LettersAsync()
    {
        var letters = new List<DeadLetterRecord>();
        await _host.Services.GetRequiredService<TopicReader>().ReadAsync(
            [Topics.DeadLetter],
            (records, _) =>
            {
                letters.AddRange(records.Select(record => DeadLetterRecord.Parser.ParseFrom(record.Value.Span)));
                return Task.CompletedTask;
            },
            default);
        return letters;
    }

    private sealed class EndingAll(UnreadableRequests unreadable) : IRecordBatchHandler
    {
        public async Task HandleAsync(RecordBatch batch, CancellationToken cancellationToken)
        {
            foreach (var record in batch)
            {
                await unreadable.EndAsync(record, "it is none", cancellationToken);
            }
        }
    }
}
