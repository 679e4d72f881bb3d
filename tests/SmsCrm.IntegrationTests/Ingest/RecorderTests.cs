using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SmsCrm.Contracts;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Streams;
using SmsCrm.Streams.Producing;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Ingest;

/// <summary>What the pipeline does not reach (there is none here) gets its row all the same.</summary>
public sealed class RecorderTests(RecorderTests.RecordingServer server) : IClassFixture<RecorderTests.RecordingServer>
{
    [Fact]
    public async Task Every_accepted_message_gets_a_queued_row_and_its_record_is_done_with()
    {
        var batch = new SendBatchRequest
        {
            Messages =
            {
                Enumerable.Range(0, 500).Select(static i => new SendRequest
                {
                    To = $"+1415{2_340_000 + i}",
                    Body = "Hello",
                    Purpose = i % 2 == 0 ? Purpose.Transactional : Purpose.Marketing,
                    IdempotencyKey = i % 5 == 0 ? $"k{i}" : "",
                }),
            },
        };

        var response = await server.Grpc.SendBatchAsync(batch, server.Credentials());

        var ids = response.Results.Select(static r => Guid.Parse(r.Accepted.MessageId)).ToArray();
        await Eventually.EqualAsync(500L, () => QueuedAsync(ids));
        await Eventually.TrueAsync(() => Lag() == 0);
    }

    [Fact]
    public async Task A_record_that_can_not_be_read_holds_nobody_up()
    {
        var producer = server.Services.GetRequiredService<RecordProducer>();
        var outcome = await producer.ProduceAsync(new OutgoingRecord(Topics.MarketingRequests, [1], [0xff, 0xff]), CancellationToken.None);
        Assert.True(outcome.IsAcknowledged, outcome.Reason);

        var after = await server.Grpc.SendAsync(
            new SendRequest { To = "+14155550123", Body = "Hello", Purpose = Purpose.Marketing }, server.Credentials());

        await Eventually.EqualAsync(1L, () => QueuedAsync(Guid.Parse(after.MessageId)));
        await Eventually.TrueAsync(() => Lag() == 0);
    }

    [Fact]
    public async Task Records_that_no_row_can_hold_hold_nobody_up()
    {
        var accepted = await server.Grpc.SendAsync(
            new SendRequest { To = "+14155550127", Body = "Hello", Purpose = Purpose.Marketing, CampaignId = "sound" }, server.Credentials());
        var sound = RequestRecord.Parser.ParseFrom(server.Log.Appended.Single(record => SameId(record, accepted.MessageId)).Value);

        // Several, one after another: what Postgres refuses must not spoil the connection for who comes next.
        for (var i = 0; i < 5; i++)
        {
            var poison = new RequestRecord(sound)
            {
                MessageId = ByteString.CopyFrom(Guid.CreateVersion7().ToByteArray(bigEndian: true)),
                CampaignId = "not\0sound",
                CampaignName = "nor\0this",
            };
            await server.Services.GetRequiredService<RecordProducer>().ProduceAsync(
                new OutgoingRecord(Topics.MarketingRequests, [1], poison.ToByteArray()), CancellationToken.None);
            await Eventually.TrueAsync(() => Lag() == 0);
        }

        var after = await server.Grpc.SendAsync(
            new SendRequest { To = "+14155550128", Body = "Hello", Purpose = Purpose.Marketing, CampaignId = "after", CampaignName = "After it" }, server.Credentials());
        await Eventually.EqualAsync(2L, () => QueuedAsync(Guid.Parse(accepted.MessageId), Guid.Parse(after.MessageId)));
        await Eventually.EqualAsync("After it", () => NameAsync("after"));
    }

    [Fact]
    public async Task A_campaign_is_called_what_its_latest_request_calls_it()
    {
        foreach (var name in new[] { "Spring", "Spring sale", "" })
        {
            await server.Grpc.SendAsync(
                new SendRequest { To = "+14155550126", Body = "Hello", Purpose = Purpose.Marketing, CampaignId = "named", CampaignName = name }, server.Credentials());
        }

        await Eventually.EqualAsync("Spring sale", () => NameAsync("named"));
    }

    [Fact]
    public async Task An_older_request_a_name_that_no_row_can_hold_and_another_tenants_change_no_name()
    {
        var names = server.Services.GetRequiredService<CampaignNames>();
        CampaignNaming Named(string name, int seconds) => new(server.Tenant, "kept", name, new(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(seconds))));

        await names.WriteAsync([Named("New", 2), Named("Old", 1)], default);
        await new CampaignNames(server.Database, NullLogger<CampaignNames>.Instance).WriteAsync([Named("Older", 0)], default);
        await names.WriteAsync([Named("\0", 3)], default);
        await names.WriteAsync([Named("Theirs", 4) with { Tenant = new(Guid.CreateVersion7()) }], default);

        Assert.Equal("New", await NameAsync("kept"));
    }

    [Fact]
    public async Task A_redrive_appends_what_is_queued_again_as_it_was_accepted_and_changes_no_row()
    {
        var accepted = await server.Grpc.SendAsync(
            new SendRequest { To = "+14155550124", Body = "Hello again", Purpose = Purpose.Marketing, CampaignId = "spring" }, server.Credentials());
        await Eventually.EqualAsync(1L, () => QueuedAsync(Guid.Parse(accepted.MessageId)));
        var redrive = new Redrive(server.Services.GetRequiredService<QueuedRequests>(), server.Log);
        OutgoingRecord[] First() => [.. server.Log.Appended.Where(record => SameId(record, accepted.MessageId))];
        var before = First().Single();

        var trial = await redrive.RunAsync(server.Tenant, TimeSpan.Zero, 1_000_000, isTrial: true, null, default);
        var counted = First().Length;
        var report = await redrive.RunAsync(server.Tenant, TimeSpan.Zero, 1_000_000, isTrial: false, null, default);

        Assert.Equal((trial.Found, 0L, 1), (report.Found, trial.Appended, counted));
        Assert.Equal((report.Found, 0L), (report.Appended, report.WithoutRequest));
        var again = First()[1];
        Assert.Equal((before.Topic, Convert.ToHexString(before.Key!), Convert.ToHexString(before.Value)), (again.Topic, Convert.ToHexString(again.Key!), Convert.ToHexString(again.Value)));
        Assert.Equal(Headers(before), Headers(again));
        Assert.Equal(1L, await QueuedAsync(Guid.Parse(accepted.MessageId)));
    }

    [Fact]
    public async Task What_waits_is_counted_by_tenant_from_totals_and_deltas()
    {
        var accepted = await server.Grpc.SendAsync(
            new SendRequest { To = "+14155550125", Body = "Hello", Purpose = Purpose.Marketing }, server.Credentials());
        await Eventually.EqualAsync(1L, () => QueuedAsync(Guid.Parse(accepted.MessageId)));

        var waiting = await server.Services.GetRequiredService<WaitingCounts>().ReadAsync(default);
        await server.Services.GetRequiredService<CountFolder>().FoldOnceAsync(default);
        var folded = await server.Services.GetRequiredService<WaitingCounts>().ReadAsync(default);

        Assert.True(waiting[server.Tenant] > 0);
        Assert.True(folded[server.Tenant] >= waiting[server.Tenant]);
    }

    private async Task<string?> NameAsync(string campaign)
    {
        await using var name = server.Database.CreateCommand("SELECT name FROM campaign_names WHERE tenant_id = $1 AND campaign_id = $2");
        name.Parameters.Add(new() { Value = server.Tenant.Value });
        name.Parameters.Add(new() { Value = campaign });
        return (string?)await name.ExecuteScalarAsync();
    }

    private static bool SameId(OutgoingRecord record, string id) =>
        RequestRecord.Parser.ParseFrom(record.Value).MessageId.ToByteArray().AsSpan().SequenceEqual(Guid.Parse(id).ToByteArray(bigEndian: true));

    private static IEnumerable<string> Headers(OutgoingRecord record) => record.Headers!.Select(header => $"{header.Name}={Convert.ToHexString(header.Value)}");

    private double Lag()
    {
        var metrics = server.Services.GetRequiredService<StreamsMetrics>();
        return Topics.All.Sum(topic => metrics.Lag(IngestServiceCollectionExtensions.RecorderName, topic));
    }

    private async Task<long> QueuedAsync(params Guid[] ids)
    {
        await using var count = server.Database.CreateCommand("SELECT count(*) FROM messages WHERE id = ANY($1) AND state = 1");
        count.Parameters.Add(new() { Value = ids });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    public sealed class RecordingServer(PostgresFixture postgres) : IngestServer(postgres)
    {
        protected override void AddMore(IServiceCollection services) => services.AddRecorder();
    }
}
