using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Pacing;

/// <summary>What the buckets promise, shown on the model; another test holds the script to the model.</summary>
public sealed class BucketModelTests
{
    private const long Second = 1_000_000;

    /// <summary>Asks at some moments, with flushes in between; returns what was let go.</summary>
    public sealed record Run(int Rate, IReadOnlyList<(long Pause, bool Flush, int Messages, int Segments, bool IsTransactional)> Steps);

    /// <summary>Below 20 a second a bucket goes into debt for the longest message; a flush does not forgive it.</summary>
    public static Arbitrary<Run> Runs() => (
        from rate in Gen.OneOf(Gen.Choose(1, 20), Gen.Choose(20, 200))
        from steps in Gen.ListOf(
            from pause in Gen.OneOf(Gen.Choose(0, 3_000), Gen.Choose(0, 30_000))
            from flush in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
            from messages in Gen.Choose(0, 40)
            from segments in Gen.Choose(1, 20)
            from transactional in Gen.Elements(true, false)
            select (pause * 1_000L, flush, messages, segments, transactional))
        select new Run(rate, [.. steps])).ToArbitrary();

    [Property(Arbitrary = [typeof(BucketModelTests)], MaxTest = 300)]
    public bool In_any_time_no_more_goes_than_rate_and_burst_allow_even_across_a_flush(Run run) => IsWithin(run, Play(run));

    [Property(Arbitrary = [typeof(BucketModelTests)], MaxTest = 100)]
    public bool Who_asks_again_when_he_was_told_to_is_let_go(Run run)
    {
        var model = new BucketModel(Second, Second / 5);
        var now = 10 * Second;
        foreach (var step in run.Steps)
        {
            BucketModel.Message[] alone = [Message(run.Rate, step.Segments, step.IsTransactional)];
            now += step.Pause;
            var wait = model.Pace(alone, now)[0];
            now += wait;
            if (wait > 0 && model.Pace(alone, now)[0] != 0)
            {
                return false;
            }
        }

        return true;
    }

    [Fact]
    public void A_missing_bucket_starts_empty()
    {
        var model = new BucketModel(Second, 0);

        Assert.Equal([Second / 10], model.Pace([Message(10, 1, true)], now: 60 * Second, wentOutLately: false));
    }

    [Fact]
    public void Where_texts_went_out_lately_a_tenant_of_which_nothing_is_known_starts_in_the_debt_of_the_longest_message()
    {
        var model = new BucketModel(Second, 0);

        Assert.Equal([(2 * Second) + (Second / 10)], model.Pace([Message(10, 1, true)], now: Second));
    }

    [Fact]
    public void A_sender_that_a_known_tenant_adds_starts_empty_and_owes_nothing()
    {
        var model = new BucketModel(Second, 0);
        model.Pace([Message(100, 1, true)], now: Second);

        var added = model.Pace([Message(10, 1, true) with { Buckets = [("account", 1_000_000), ("tenant", 1_000_000), ("added", 10)] }], now: 60 * Second);

        Assert.Equal([Second / 10], added);
    }

    [Fact]
    public void Marketing_leaves_a_fifth_of_a_second_for_transactional()
    {
        var model = new BucketModel(Second, Second / 5);
        model.Pace([Message(10, 1, true)], now: 0, wentOutLately: false);

        var marketing = model.Pace([.. Enumerable.Repeat(Message(10, 1, false), 20)], now: 10 * Second);
        var transactional = model.Pace([.. Enumerable.Repeat(Message(10, 1, true), 20)], now: 10 * Second);

        Assert.Equal(8, marketing.Count(wait => wait == 0));
        Assert.Equal(2, transactional.Count(wait => wait == 0));
    }

    [Fact]
    public void Who_must_wait_is_told_a_time_that_grows_with_the_line()
    {
        var model = new BucketModel(Second, 0);

        var waits = model.Pace([.. Enumerable.Repeat(Message(10, 1, true), 5)], now: 60 * Second, wentOutLately: false);

        Assert.Equal([100_000, 200_000, 300_000, 400_000, 500_000], waits);
    }

    [Fact]
    public void Who_waits_for_a_carrier_class_holds_up_nobody_of_another_class()
    {
        var model = new BucketModel(Second, 0);
        BucketModel.Message[] batch = [ToClass("slow", 1), ToClass("slow", 1), ToClass("fast", 100), Message(1_000_000, 1, true)];
        model.Pace(batch, now: 60 * Second, wentOutLately: false);

        var waits = model.Pace(batch, now: 70 * Second);

        Assert.Equal([0, -Second, 0, 0], waits);
    }

    [Fact]
    public void Who_waits_for_his_sender_waits_for_his_class_as_well()
    {
        var model = new BucketModel(Second, 0);

        var waits = model.Pace([Message(10, 1, true), ToClass("slow", 1, sender: 10)], now: 60 * Second, wentOutLately: false);

        Assert.Equal([Second / 10, Second], waits);
    }

    [Property(Arbitrary = [typeof(BucketModelTests)], MaxTest = 100)]
    public bool No_more_goes_to_a_carrier_class_than_its_rate_and_burst_allow(Run run)
    {
        var gone = Play(run, (rate, segments, transactional) => ToClass("class", rate, segments, transactional));
        return IsWithin(run, gone);
    }

    private static List<(long At, int Segments)> Play(Run run) => Play(run, Message);

    private static List<(long At, int Segments)> Play(Run run, Func<int, int, bool, BucketModel.Message> message)
    {
        var model = new BucketModel(Second, Second / 5);
        var gone = new List<(long, int)>();
        var now = 10 * Second;
        foreach (var step in run.Steps)
        {
            now += step.Pause;
            if (step.Flush)
            {
                model.Flush();
            }

            if (step.Messages > 0)
            {
                var waits = model.Pace([.. Enumerable.Repeat(message(run.Rate, step.Segments, step.IsTransactional), step.Messages)], now);
                gone.AddRange(waits.Where(wait => wait == 0).Select(_ => (now, step.Segments)));
            }
        }

        return gone;
    }

    private static BucketModel.Message Message(int rate, int segments, bool isTransactional) =>
        new(segments, isTransactional, [("account", 1_000_000), ("tenant", 1_000_000), ("sender", rate)]);

    private static bool IsWithin(Run run, List<(long At, int Segments)> gone)
    {
        var burst = Math.Max(run.Rate, run.Steps.Select(step => step.Segments).DefaultIfEmpty(0).Max());
        return Enumerable.Range(0, gone.Count).All(first => Enumerable.Range(first, gone.Count - first).All(last =>
        {
            var segments = gone.Skip(first).Take(last - first + 1).Sum(message => message.Segments);
            var window = (gone[last].At - gone[first].At) / (double)Second;
            return segments <= (run.Rate * window) + burst + 0.01;
        }));
    }

    private static BucketModel.Message ToClass(string name, int rate, int segments = 1, bool isTransactional = true, int sender = 1_000_000) =>
        new(segments, isTransactional, [("account", 1_000_000), ("tenant", 1_000_000), ("sender", sender), (name, rate)]);
}
