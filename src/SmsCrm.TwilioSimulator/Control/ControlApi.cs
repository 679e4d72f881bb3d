using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SmsCrm.TwilioSimulator.Callbacks;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>What tests and tools ask of the simulator itself, under <c>/_control</c>. No authentication: the listener is on loopback.</summary>
internal static class ControlApi
{
    private const int MostMessages = 10_000;

    public static void MapControl(this IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/_control");
        control.MapGet("/counts", Counts);
        control.MapGet("/messages", Messages);
        control.MapGet("/messages/{sid}", Message);
        control.MapGet("/ledger", LedgerExport.WriteAsync);
        control.MapGet("/arrivals", Arrivals);
        control.MapPost("/inbound", InboundControl.PostAsync);
        control.MapPost("/reset", (Reset reset) =>
        {
            reset.Run();
            return Results.NoContent();
        });
        control.MapKnobs();
        control.MapAccounts();
    }

    private static IResult Counts(TwilioSimulatorOptions options, MessageLedger ledger, SimulatorCounters counters, DueQueue due, CallbackQueue callbacks)
    {
        var counts = ledger.Counts();
        return ControlJson.Answer(new
        {
            counts.Taken,
            counts.Inbound,
            ByStatus = Enum.GetValues<MessageStatus>().ToDictionary(status => status.Name(), status => counts.ByStatus[(int)status]),
            Distinct = counts.ByRecipientAndBody.Distinct,
            DuplicatesByRecipientAndBody = ControlJson.Duplicates(counts.ByRecipientAndBody),
            DuplicatesByMessageId = ControlJson.Duplicates(counts.ByMessageId),
            options.MessageIdParameter,
            Requests = counters.Requests(),
            Callbacks = counters.Callbacks(callbacks.Reader.Count),
            Scheduled = due.Count,
        });
    }

    private static IResult Message(string sid, TwilioSimulatorOptions options, MessageLedger ledger) =>
        ledger.Find(sid) is { } view
            ? ControlJson.Answer(ControlJson.Message(view, options.MessageIdParameter))
            : ControlJson.Refuse(StatusCodes.Status404NotFound, "sid", sid, "give the sid of a message that this simulator has taken");

    private static IResult Messages(TwilioSimulatorOptions options, MessageLedger ledger, string? to, string? messageId, int limit = 100)
    {
        if (limit is < 1 or > MostMessages)
            return ControlJson.Refuse(400, "limit", ControlJson.Text(limit), $"give a number from 1 to {MostMessages}");
        if (to is null == messageId is null)
            return ControlJson.Refuse(400, "to", to ?? "missing", "give either to (a recipient) or messageId (an id of the caller's)");
        List<MessageView> found = to is not null
            ? ledger.FindByRecipient(to, limit)
            : ledger.FindByOwnId(messageId!) is { } view ? [view] : [];
        return ControlJson.Answer(new { Messages = found.Select(message => ControlJson.Message(message, options.MessageIdParameter)) });
    }

    private static IResult Arrivals(ArrivalLog arrivals, string? sender, long from = 0) =>
        ControlJson.Answer(new { Arrivals = arrivals.Read(sender, from) });
}
