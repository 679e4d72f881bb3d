using FsCheck;
using FsCheck.Fluent;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Pacing;
using SmsCrm.TestKit;
using StackExchange.Redis;

namespace SmsCrm.IntegrationTests.Pacing;

public sealed class TokenBucketsTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly int[] Rates = [1, 3, 7, 10, 100, 1_000, 99_999];
    private readonly PacingOptions _options = new();

    [Fact]
    public async Task The_script_decides_as_its_pure_twin()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
        using var meters = new TestMeters();
        var claims = new Claims();
        var buckets = new TokenBuckets(connection, claims, _options, new PacingMetrics(meters), TimeProvider.System);
        var server = connection.GetServers()[0];

        foreach (var run in Gen.ListOf(StepGen(), 12).Sample(60))
        {
            await server.FlushDatabaseAsync();
            var model = new BucketModel(_options.BurstMs * 1_000L, _options.ReserveMs * 1_000L);
            var now = 1_800_000_000_000_000;
            foreach (var step in run)
            {
                now += step.PauseMicros;
                if (step.Flush)
                {
                    await server.FlushDatabaseAsync();
                    model.Flush();
                }

                claims.Lately = step.WentOutLately;
                var decisions = await buckets.PaceAsync(step.Requests, now, CancellationToken.None);
                Assert.Equal(
                    model.Pace([.. step.Requests.Select(ToModel)], now, step.WentOutLately),
                    decisions.Select(d => (long)d.Wait.TotalMicroseconds * (d.IsByCarrier ? -1 : 1)));
            }
        }
    }

    [Fact]
    public async Task By_Redis_own_clock_a_new_bucket_fills_and_lets_go()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        using var meters = new TestMeters();
        var buckets = new TokenBuckets(connection, new Claims(), _options, new PacingMetrics(meters), TimeProvider.System);
        var request = Request(new TenantId(Guid.CreateVersion7()), Guid.CreateVersion7(), Guid.CreateVersion7(), 20, 1, true);

        var first = await buckets.PaceAsync([request], CancellationToken.None);
        Assert.False(first[0].MayGo);
        Assert.InRange(first[0].Wait.TotalMilliseconds, 1, 50);

        await Eventually.TrueAsync(async () => (await buckets.PaceAsync([request], CancellationToken.None))[0].MayGo);
    }

    private static Gen<Step> StepGen()
    {
        var tenants = Enumerable.Range(1, 2).Select(i => new TenantId(new Guid(i, 0, 7, new byte[8]))).ToArray();
        var request =
            from tenant in Gen.Elements(tenants)
            from sender in Gen.Choose(1, 3)
            from segments in Gen.Frequency((4, Gen.Constant(1)), (1, Gen.Choose(1, 20)))
            from transactional in Gen.Elements(true, false)
            from carrier in Gen.Elements(null, "CA", "US")
            select Request(tenant, Id(tenant, 100), Id(tenant, sender), Rates[(sender + tenant.Value.GetHashCode()) % Rates.Length & 3], segments, transactional)
                with
            { CarrierClass = carrier, CarrierRate = carrier is null ? 0 : carrier == "CA" ? 2 : 30 };
        return
            from pause in Gen.Choose(0, 2_000_000)
            from flush in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
            from lately in Gen.Elements(true, false)
            from requests in Gen.NonEmptyListOf(request)
            select new Step(pause, flush, lately, [.. requests]);
    }

    private static Guid Id(TenantId tenant, int number) => new(number, 1, 7, tenant.Value.ToByteArray()[..8]);

    private static PaceRequest Request(TenantId tenant, Guid account, Guid sender, int senderRate, int segments, bool transactional) =>
        new(tenant, 50, account, 70, sender, senderRate, segments, transactional);

    private static BucketModel.Message ToModel(PaceRequest request) => new(request.Segments, request.IsTransactional,
    [
        ($"a{request.AccountId}", request.AccountRate), ($"t{request.Tenant}", request.TenantRate), ($"s{request.SenderId}", request.SenderRate),
        .. request.CarrierClass is { } carrier ? [($"c{request.SenderId}{carrier}", request.CarrierRate)] : Array.Empty<(string, int)>(),
    ]);

    private sealed record Step(long PauseMicros, bool Flush, bool WentOutLately, IReadOnlyList<PaceRequest> Requests);

    private sealed class Claims : IRecentClaims
    {
        public bool Lately { get; set; }

        public Task<bool> AnySinceAsync(TimeSpan time, CancellationToken cancellation) => Task.FromResult(Lately);
    }
}
