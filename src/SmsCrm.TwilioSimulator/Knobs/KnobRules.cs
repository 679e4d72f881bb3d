using System.Globalization;

namespace SmsCrm.TwilioSimulator.Knobs;

/// <summary>The range of every knob.</summary>
internal static class KnobRules
{
    public const double LongestLatencyMs = 600_000;
    public const double LongestDelayMs = 3_600_000;
    public const int MostSenders = 100_000;

    public static IReadOnlyList<KnobError> Check(SimulatorKnobs knobs)
    {
        var errors = new List<KnobError>();
        CheckLatency(errors, knobs.Latency);
        CheckErrors(errors, knobs);
        Rate(errors, "drop.beforeTakenRate", knobs.Drop.BeforeTakenRate);
        Rate(errors, "drop.afterTakenRate", knobs.Drop.AfterTakenRate);
        Rate(errors, "hold.beforeTakenRate", knobs.Hold.BeforeTakenRate);
        Rate(errors, "hold.afterTakenRate", knobs.Hold.AfterTakenRate);
        Within(errors, "hold.forMs", knobs.Hold.ForMs, 0, LongestDelayMs);
        CheckDelivery(errors, knobs.Delivery);
        Within(errors, "callbacks.sentAfterMs", knobs.Callbacks.SentAfterMs, 0, LongestDelayMs);
        Within(errors, "callbacks.finalAfterMs", knobs.Callbacks.FinalAfterMs, 0, LongestDelayMs);
        Rate(errors, "callbacks.outOfOrderRate", knobs.Callbacks.OutOfOrderRate);
        Rate(errors, "callbacks.lostRate", knobs.Callbacks.LostRate);
        Rate(errors, "callbacks.duplicateRate", knobs.Callbacks.DuplicateRate);
        Within(errors, "callbacks.duplicates", knobs.Callbacks.Duplicates, 1, 10);
        Within(errors, "list.lagMs", knobs.List.LagMs, 0, LongestDelayMs);
        Within(errors, "limits.concurrentRequests", knobs.Limits.ConcurrentRequests, 0, 100_000);
        Within(errors, "limits.retryAfterSeconds", knobs.Limits.RetryAfterSeconds, 0, 3600);
        Within(errors, "limits.queueSeconds", knobs.Limits.QueueSeconds, 1, 360_000);
        CheckRates(errors, knobs.Rates);
        return errors;
    }

    private static void CheckLatency(List<KnobError> errors, LatencyKnob latency)
    {
        if (!Enum.IsDefined(latency.Kind))
            errors.Add(new("latency.kind", latency.Kind.ToString(), "give none, fixed, uniform or lognormal"));
        Within(errors, "latency.fixedMs", latency.FixedMs, 0, LongestLatencyMs);
        Within(errors, "latency.minMs", latency.MinMs, 0, LongestLatencyMs);
        Within(errors, "latency.maxMs", latency.MaxMs, 0, LongestLatencyMs);
        Within(errors, "latency.p50Ms", latency.P50Ms, 0, LongestLatencyMs);
        Within(errors, "latency.p99Ms", latency.P99Ms, 0, LongestLatencyMs);
        if (latency.Kind == LatencyKind.Uniform && latency.MinMs > latency.MaxMs)
            errors.Add(new("latency.minMs", Text(latency.MinMs), $"give at most latency.maxMs, which is {Text(latency.MaxMs)}"));
        if (latency.Kind == LatencyKind.Lognormal && (latency.P50Ms <= 0 || latency.P50Ms > latency.P99Ms))
            errors.Add(new("latency.p50Ms", Text(latency.P50Ms), $"give more than 0 and at most latency.p99Ms, which is {Text(latency.P99Ms)}"));
    }

    private static void CheckErrors(List<KnobError> errors, SimulatorKnobs knobs)
    {
        var sum = 0.0;
        for (var i = 0; i < knobs.Errors.Length; i++)
        {
            var error = knobs.Errors[i];
            Within(errors, $"errors[{i}].code", error.Code, 10_000, 99_999);
            Rate(errors, $"errors[{i}].rate", error.Rate);
            if (error.Status != 0)
                Within(errors, $"errors[{i}].status", error.Status, 400, 599);
            sum += error.Rate;
        }
        Sum(errors, "errors", sum);
    }

    private static void CheckDelivery(List<KnobError> errors, DeliveryKnob delivery)
    {
        Rate(errors, "delivery.silentShare", delivery.SilentShare);
        var sum = delivery.SilentShare;
        foreach (var (name, fates) in new[] { ("undelivered", delivery.Undelivered), ("failed", delivery.Failed) })
        {
            for (var i = 0; i < fates.Length; i++)
            {
                Within(errors, $"delivery.{name}[{i}].code", fates[i].Code, 30_000, 39_999);
                Rate(errors, $"delivery.{name}[{i}].share", fates[i].Share);
                sum += fates[i].Share;
            }
        }
        Sum(errors, "delivery", sum);
    }

    private static void CheckRates(List<KnobError> errors, RateKnob rates)
    {
        SenderRate(errors, "rates.longCode", rates.LongCode);
        SenderRate(errors, "rates.tollFree", rates.TollFree);
        SenderRate(errors, "rates.shortCode", rates.ShortCode);
        SenderRate(errors, "rates.alphanumeric", rates.Alphanumeric);
        SenderRate(errors, "rates.other", rates.Other);
        foreach (var (sender, rate) in rates.BySender)
            SenderRate(errors, $"rates.bySender.{sender}", rate);
        if (rates.BySender.Count > MostSenders)
            errors.Add(new("rates.bySender", $"{rates.BySender.Count} senders", $"give at most {MostSenders}"));
    }

    private static void SenderRate(List<KnobError> errors, string field, double value) => Within(errors, field, value, 0.001, 1_000_000);

    private static void Rate(List<KnobError> errors, string field, double value) => Within(errors, field, value, 0, 1);

    private static void Sum(List<KnobError> errors, string field, double sum)
    {
        // Shares such as 0.7 and 0.3 add up to a little more than 1.
        if (sum > 1 + 1e-9)
            errors.Add(new(field, $"shares that add up to {Text(sum)}", "give shares that add up to at most 1"));
    }

    private static void Within(List<KnobError> errors, string field, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            errors.Add(new(field, Text(value), $"give a number from {Text(least)} to {Text(most)}"));
    }

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
