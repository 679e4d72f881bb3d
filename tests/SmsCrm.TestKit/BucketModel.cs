namespace SmsCrm.TestKit;

/// <summary>The pure twin of src/SmsCrm.Pipeline/Pacing/pace.lua. Times are microseconds.</summary>
public sealed class BucketModel(long burst, long reserve)
{
    private const int LargestMessage = 20;
    private readonly Dictionary<string, double> _emptyAt = [];
    private readonly Dictionary<string, double> _since = [];

    /// <param name="Buckets">Its account's, tenant's and sender's, with their rates in segments per second; and that of its sender and carrier
    /// class, where there is one.</param>
    public sealed record Message(int Segments, bool IsTransactional, IReadOnlyList<(string Name, int Rate)> Buckets)
    {
        public (string Name, int Rate) Sender => Buckets[2];

        public (string Name, int Rate)? Class => Buckets.Count > 3 ? Buckets[3] : null;

        public string Tenant => Buckets[1].Name;
    }

    /// <summary>
    /// For each message 0 where it may go now, else in how many microseconds it may at the earliest; negative where it waits for its carrier class alone.
    /// </summary>
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
        var behind = new Dictionary<(string Bucket, bool IsTransactional), double>();
        var answers = messages.Select(Answer).ToArray();
        foreach (var (name, at) in emptyAt.Where(bucket => !before.Contains(bucket.Key) || spent.Contains(bucket.Key)))
        {
            _emptyAt[name] = Math.Ceiling(at);
        }

        return answers;

        long Answer(Message message)
        {
            var wait = WithLine(message, message.Sender, message.Buckets.Take(3).Max(bucket => WaitFor(message, bucket)));
            var classWait = message.Class is { } own ? WithLine(message, own, WaitFor(message, own)) : 0;
            if (wait > 0 || classWait > 0)
            {
                if (wait > 0)
                {
                    Join(message, message.Sender);
                }

                if (message.Class is { } joined)
                {
                    Join(message, joined);
                }

                return wait > 0 ? (long)Math.Ceiling(Math.Max(wait, classWait)) : -(long)Math.Ceiling(classWait);
            }

            foreach (var (name, rate) in message.Buckets)
            {
                emptyAt[name] += message.Segments * Micros(rate);
                spent.Add(name);
            }

            return 0;
        }

        double WaitFor(Message message, (string Name, int Rate) bucket) => Math.Max(
            0,
            emptyAt[bucket.Name] + Math.Min((message.Segments * Micros(bucket.Rate)) + (message.IsTransactional ? 0 : reserve), burst) - now);

        double WithLine(Message message, (string Name, int Rate) bucket, double wait)
        {
            var ahead = behind.GetValueOrDefault((bucket.Name, true))
                + (message.IsTransactional ? 0 : behind.GetValueOrDefault((bucket.Name, false)));
            return wait > 0 || ahead > 0 ? Math.Max(wait, 1) + ahead : 0;
        }

        void Join(Message message, (string Name, int Rate) bucket)
        {
            var line = (bucket.Name, message.IsTransactional);
            behind[line] = behind.GetValueOrDefault(line) + (message.Segments * Micros(bucket.Rate));
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
