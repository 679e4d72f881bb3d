using System.Globalization;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Pacing;
using SmsCrm.Server.Local;
using SmsCrm.TestKit;
using StackExchange.Redis;

namespace SmsCrm.IntegrationTests.Pacing;

/// <summary>
/// A process that sends as fast as the buckets let it: batch after batch asks the same Redis, and what may go is posted to the simulator within a
/// second. It never ends by itself.
/// </summary>
internal static class PacedProcess
{
    public const string Command = "paced-process";
    public const int Rate = 100;

    /// <summary>So many texts are asked for at once, of one segment but for the last, of three.</summary>
    private const int Batch = 8;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>The number of segments stands in the body, for counting.</summary>
    public static int SegmentsOf(int place) => place == Batch - 1 ? 3 : 1;

    /// <summary>Starts it of this program.</summary>
    public static Task<ChildProcess> StartAsync(int number, RedisFixture redis, Uri simulator, string folder)
    {
        var program = new ServerProgram(typeof(PacedProcess).Assembly.Location);
        var name = string.Create(CultureInfo.InvariantCulture, $"paced{number}");
        return ChildProcess.StartAsync(
            new ChildProcessOptions(
                name,
                program.File,
                program.Arguments([Command, redis.ConnectionString, simulator.ToString(), number.ToString(CultureInfo.InvariantCulture)]),
                program.Path,
                Path.Combine(folder, name + ".log"),
                Path.Combine(folder, name + ".pid")),
            TestContext.Current.CancellationToken);
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var (simulator, number) = (new Uri(args[2]), int.Parse(args[3], CultureInfo.InvariantCulture));
        await using var redis = await ConnectionMultiplexer.ConnectAsync(args[1]);
        using var meters = new TestMeters();
        using var posts = new PacedPosts(simulator, number);
        var buckets = new TokenBuckets(redis, new Claims(), new PacingOptions(), new PacingMetrics(meters), TimeProvider.System);
        var sender = new Guid(1, 0, 7, new byte[8]);
        PaceRequest[] requests =
        [
            .. Enumerable.Range(0, Batch).Select(place => new PaceRequest(
                new TenantId(sender), 100_000, sender, 100_000, sender, Rate, SegmentsOf(place), IsTransactional: true)),
        ];
        while (true)
        {
            var askedAt = TimeProvider.System.GetTimestamp();
            try
            {
                var decisions = await buckets.PaceAsync(requests, CancellationToken.None);
                for (var i = 0; i < decisions.Length; i++)
                {
                    if (decisions[i].MayGo)
                    {
                        posts.Start(SegmentsOf(i), askedAt, LongestDelay * Random.Shared.NextDouble());
                    }
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                // As the pipeline: it holds and asks again.
                await Console.Error.WriteLineAsync(e.Message);
            }

            await Task.Delay(Pause);
        }
    }

    private sealed class Claims : IRecentClaims
    {
        public Task<bool> AnySinceAsync(TimeSpan time, CancellationToken cancellation) => Task.FromResult(true);
    }
}
