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
    public static void MapControl(this IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/_control");
        control.MapGet("/counts", Counts);
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
}
