namespace SmsCrm.TestKit;

/// <summary>The pure twin of src/SmsCrm.Pipeline/Pacing/pace.lua. Times are microseconds.</summary>
public sealed class BucketModel(long burst, long reserve)
{
    private const int LargestMessage = 20;
    private readonly Dictionary<string, double> _emptyAt = [];
    private readonly Dictionary<string, double> _since = [];

    /// <param name="Buckets">Its account's, tenant's and sender's, with their rates in segments per second.</param>
    public sealed record Message(int Segments, bool IsTransactional, IReadOnlyList<(string Name, int Rate)> Buckets)
    {
        public string Sender => Buckets[^1].Name;

        public string Tenant => Buckets[1].Name;
    }

    /// <summary>For each message 0 where it may go now, else in how many microseconds it may at the earliest.</summary>
    /// <param name="wentOutLately">Whether anything was claimed lately: then a tenant of which nothing is known may be in debt.</param>
    public long[] Pace(IReadOnlyList<Message> messages, long now, bool wentOutLately = true)
    {
        foreach (var message in messages)
        {
            _since.TryAdd(message.Tenant, wentOutLately ? now : 0);
        }

        var since = messages.SelectMany(message => message.Buckets.Select(bucket => (bucket.Name, message.Tenant))).Distinct()
            .ToDictionary(bucket => bucket.Name, bucket => _since[bucket.Tenant]);
        var before = new HashSet<string>(_emptyAt.Keys);
        var spent = new HashSet<string>();
        var emptyAt = messages.SelectMany(message => message.Buckets).Distinct().ToDictionary(
            bucket => bucket.Name,
            bucket => Math.Max(
                Math.Min(_emptyAt.GetValueOrDefault(bucket.Name, Math.Max(now, since[bucket.Name] + Debt(bucket.Rate))), now + Debt(bucket.Rate)),
                now - burst));
        var behind = new Dictionary<(string Sender, bool IsTransactional), double>();
        var answers = messages.Select(Answer).ToArray();
        foreach (var (name, at) in emptyAt.Where(bucket => !before.Contains(bucket.Key) || spent.Contains(bucket.Key)))
        {
            _emptyAt[name] = Math.Ceiling(at);
        }

        return answers;

        long Answer(Message message)
        {
            var wait = message.Buckets.Max(bucket =>
            {
                var need = (message.Segments * Micros(bucket.Rate)) + (message.IsTransactional ? 0 : reserve);
                return Math.Max(0, emptyAt[bucket.Name] + Math.Min(need, burst) - now);
            });
            var ahead = behind.GetValueOrDefault((message.Sender, true))
                + (message.IsTransactional ? 0 : behind.GetValueOrDefault((message.Sender, false)));
            if (wait > 0 || ahead > 0)
            {
                var line = (message.Sender, message.IsTransactional);
                behind[line] = behind.GetValueOrDefault(line) + (message.Segments * Micros(message.Buckets[^1].Rate));
                return (long)Math.Ceiling(Math.Max(wait, 1) + ahead);
            }

            foreach (var (name, rate) in message.Buckets)
            {
                emptyAt[name] += message.Segments * Micros(rate);
                spent.Add(name);
            }

            return 0;
        }
    }

    /// <summary>Redis lost its data.</summary>
    public void Flush()
    {
        _emptyAt.Clear();
        _since.Clear();
    }

    private static double Debt(int rate) => Math.Ceiling(LargestMessage * Micros(rate));

    private static double Micros(int rate) => 1_000_000.0 / rate;
}
