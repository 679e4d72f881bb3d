using System.Text.Json;

namespace SmsCrm.TwilioSimulator.Knobs;

/// <summary>Reads knobs from JSON: what it names is changed, at any depth; what it doesn't name stays. A list replaces a list.</summary>
public static class KnobsJson
{
    /// <summary>Applies a JSON object to knobs.</summary>
    /// <param name="json">As <c>{"latency":{"kind":"fixed","fixedMs":20}}</c>.</param>
    /// <param name="current">What holds where the JSON says nothing.</param>
    /// <param name="knobs">The result; only to be used without errors.</param>
    /// <returns>Every error: a field that is unknown, of the wrong type or out of range.</returns>
    public static IReadOnlyList<KnobError> Apply(string json, SimulatorKnobs current, out SimulatorKnobs knobs)
    {
        knobs = current;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            return [new KnobError("(body)", e.Message, "give a JSON object")];
        }
        using (document)
        {
            var reader = new KnobReader();
            knobs = Read(reader, document.RootElement, current);
            return reader.Errors.Count > 0 ? reader.Errors : knobs.Validate();
        }
    }

    private static SimulatorKnobs Read(KnobReader reader, JsonElement root, SimulatorKnobs now)
    {
        if (!reader.IsObject(root, "(body)", "latency", "errors", "drop", "hold", "delivery", "callbacks", "list", "limits", "rates"))
            return now;
        return now with
        {
            Latency = reader.Group(root, "latency", now.Latency, Latency, "kind", "fixedMs", "minMs", "maxMs", "p50Ms", "p99Ms"),
            Errors = reader.List(root, "", "errors", now.Errors, Error, "code", "rate", "status"),
            Drop = reader.Group(root, "drop", now.Drop, Drop, "beforeTakenRate", "afterTakenRate"),
            Hold = reader.Group(root, "hold", now.Hold, Hold, "beforeTakenRate", "afterTakenRate", "forMs"),
            Delivery = reader.Group(root, "delivery", now.Delivery, Delivery, "silentShare", "undelivered", "failed"),
            Callbacks = reader.Group(root, "callbacks", now.Callbacks, Callbacks,
                "sentAfterMs", "finalAfterMs", "outOfOrderRate", "lostRate", "duplicateRate", "duplicates"),
            List = reader.Group(root, "list", now.List, (r, o, path, _) => new ListKnob(r.Number(o, path, "lagMs", now.List.LagMs)), "lagMs"),
            Limits = reader.Group(root, "limits", now.Limits, Limits, "concurrentRequests", "retryAfterSeconds", "queueSeconds"),
            Rates = reader.Group(root, "rates", now.Rates, Rates, "longCode", "tollFree", "shortCode", "alphanumeric", "other", "bySender"),
        };
    }

    private static LatencyKnob Latency(KnobReader r, JsonElement o, string path, LatencyKnob now) => new(
        r.Choice(o, path, "kind", now.Kind),
        r.Number(o, path, "fixedMs", now.FixedMs),
        r.Number(o, path, "minMs", now.MinMs),
        r.Number(o, path, "maxMs", now.MaxMs),
        r.Number(o, path, "p50Ms", now.P50Ms),
        r.Number(o, path, "p99Ms", now.P99Ms));

    private static ErrorKnob Error(KnobReader r, JsonElement o, string path) => new(
        r.Whole(o, path, "code", null), r.Number(o, path, "rate", null), r.Whole(o, path, "status", 0));

    private static DropKnob Drop(KnobReader r, JsonElement o, string path, DropKnob now) => new(
        r.Number(o, path, "beforeTakenRate", now.BeforeTakenRate), r.Number(o, path, "afterTakenRate", now.AfterTakenRate));

    private static HoldKnob Hold(KnobReader r, JsonElement o, string path, HoldKnob now) => new(
        r.Number(o, path, "beforeTakenRate", now.BeforeTakenRate),
        r.Number(o, path, "afterTakenRate", now.AfterTakenRate),
        r.Number(o, path, "forMs", now.ForMs));

    private static DeliveryKnob Delivery(KnobReader r, JsonElement o, string path, DeliveryKnob now) => new(
        r.Number(o, path, "silentShare", now.SilentShare))
    {
        Undelivered = r.List(o, path, "undelivered", now.Undelivered, Fate, "code", "share"),
        Failed = r.List(o, path, "failed", now.Failed, Fate, "code", "share"),
    };

    private static FateKnob Fate(KnobReader r, JsonElement o, string path) => new(
        r.Whole(o, path, "code", null), r.Number(o, path, "share", null));

    private static CallbackKnob Callbacks(KnobReader r, JsonElement o, string path, CallbackKnob now) => new(
        r.Number(o, path, "sentAfterMs", now.SentAfterMs),
        r.Number(o, path, "finalAfterMs", now.FinalAfterMs),
        r.Number(o, path, "outOfOrderRate", now.OutOfOrderRate),
        r.Number(o, path, "lostRate", now.LostRate),
        r.Number(o, path, "duplicateRate", now.DuplicateRate),
        r.Whole(o, path, "duplicates", now.Duplicates));

    private static LimitKnob Limits(KnobReader r, JsonElement o, string path, LimitKnob now) => new(
        r.Whole(o, path, "concurrentRequests", now.ConcurrentRequests),
        r.Number(o, path, "retryAfterSeconds", now.RetryAfterSeconds),
        r.Number(o, path, "queueSeconds", now.QueueSeconds));

    private static RateKnob Rates(KnobReader r, JsonElement o, string path, RateKnob now) => new(
        r.Number(o, path, "longCode", now.LongCode),
        r.Number(o, path, "tollFree", now.TollFree),
        r.Number(o, path, "shortCode", now.ShortCode),
        r.Number(o, path, "alphanumeric", now.Alphanumeric),
        r.Number(o, path, "other", now.Other))
    {
        BySender = r.Numbers(o, path, "bySender", now.BySender),
    };
}
