using Microsoft.AspNetCore.Http;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>Creates messages, with whatever faults the knobs ask for: a create may be dropped or held before it is looked at, refused with
/// a given error, taken, and dropped or held after it was taken.</summary>
internal sealed class CreateHandler(
    CreateRules rules, MessageLedger ledger, SenderBook senders, MessageWay way, KnobBoard board, Draws draws,
    SimulatorCounters counters, ArrivalLog arrivals, TimeProvider time)
{
    private int _testMessages;

    public async Task AnswerAsync(HttpContext context, Account account, ulong number)
    {
        counters.Create();
        var knobs = board.For(account);
        var form = await RequestBody.ReadAsync(context.Request, RequestBody.AsCreate).ConfigureAwait(false);
        var latencyMs = draws.LatencyMs(knobs.Latency, number);
        if (latencyMs >= 1)
            await WaitAsync(latencyMs).ConfigureAwait(false);
        if (draws.Happens(Purpose.DropBefore, number, knobs.Drop.BeforeTakenRate))
        {
            counters.DroppedBefore();
            context.Abort();
            return;
        }
        if (draws.Happens(Purpose.HoldBefore, number, knobs.Hold.BeforeTakenRate))
        {
            counters.HeldBefore();
            await WaitAsync(knobs.Hold.ForMs).ConfigureAwait(false);
        }
        var error = ErrorOf(knobs, number);
        MessageView? view = null;
        if (error is null)
            view = Take(account, form, knobs, number, out error);
        if (view is null)
        {
            arrivals.Refused(form.From ?? form.MessagingServiceSid, NowMs());
            counters.Refused(error!.Code);
            ApiAnswer.Error(context, error);
            return;
        }
        if (draws.Happens(Purpose.DropAfter, number, knobs.Drop.AfterTakenRate))
        {
            counters.DroppedAfter();
            context.Abort();
            return;
        }
        if (draws.Happens(Purpose.HoldAfter, number, knobs.Hold.AfterTakenRate))
        {
            counters.HeldAfter();
            await WaitAsync(knobs.Hold.ForMs).ConfigureAwait(false);
        }
        ApiAnswer.Message(context, 201, view);
    }

    private MessageView? Take(Account account, CreateForm form, SimulatorKnobs knobs, ulong number, out ApiError? error)
    {
        var nowMs = NowMs();
        error = rules.Check(account, form, nowMs, out var checkedForm);
        if (error is not null)
            return null;
        var message = MessageOf(account, form, checkedForm, nowMs, Fate(knobs.Delivery, number));
        if (account.Configured.TestCredentials)
            return ledger.Unrecorded(message, Interlocked.Increment(ref _testMessages));
        var sender = message.ServiceSid is null ? senders.Find(account.Number, message.From!) : null;
        QueuePlace place = default;
        if (message.ServiceSid is null)
        {
            if (sender is null)
                error = ApiError.FromNotCapable(message.From!);
            else if (!MessageWay.TryQueue(sender, message.Segments, message.ValiditySeconds, nowMs, knobs, out place))
                error = ApiError.QueueFull;
            if (error is not null)
                return null;
        }
        var view = ledger.Take(message, account, sender);
        arrivals.Taken(message.From ?? message.ServiceSid!, message.Segments, nowMs);
        var step = new MessageStep(view.Index, view.Sid, message, account, checkedForm.Target) { Sender = sender };
        if (sender is null)
            way.Accept(step, nowMs);
        else
            way.Queue(step, place);
        return view;
    }

    private static TakenMessage MessageOf(
        Account account, CreateForm form, CheckedForm checkedForm, long nowMs, (MessageStatus Status, int Code) fate)
    {
        var service = string.IsNullOrEmpty(form.MessagingServiceSid) ? null : form.MessagingServiceSid;
        var body = form.Body ?? "";
        return new TakenMessage
        {
            AccountSid = account.Sid,
            Direction = Direction.Outbound,
            To = form.To!,
            From = string.IsNullOrEmpty(form.From) ? null : form.From,
            Body = body,
            ServiceSid = service,
            StatusCallback = checkedForm.StatusCallback,
            Status = checkedForm.InitialStatus(service is not null),
            Segments = Segments.Count(body),
            NumMedia = form.MediaUrls.Count,
            CreatedMs = nowMs,
            SendAtMs = checkedForm.SendAtMs,
            ValiditySeconds = checkedForm.ValiditySeconds,
            Fate = fate.Status,
            FateCode = fate.Code,
        };
    }

    private ApiError? ErrorOf(SimulatorKnobs knobs, ulong number)
    {
        if (knobs.Errors.Length == 0)
            return null;
        var draw = draws.Unit(Purpose.Error, number);
        foreach (var error in knobs.Errors)
        {
            draw -= error.Rate;
            if (draw < 0)
                return new ApiError(error.Status != 0 ? error.Status : ApiError.UsualStatus(error.Code), error.Code, "Simulated error");
        }
        return null;
    }

    private (MessageStatus Status, int Code) Fate(DeliveryKnob delivery, ulong number)
    {
        if (delivery.SilentShare == 0 && delivery.Undelivered.Length == 0 && delivery.Failed.Length == 0)
            return (MessageStatus.Delivered, 0);
        var draw = draws.Unit(Purpose.Fate, number) - delivery.SilentShare;
        if (draw < 0)
            return (MessageStatus.Sent, 0);
        foreach (var fate in delivery.Undelivered)
        {
            draw -= fate.Share;
            if (draw < 0)
                return (MessageStatus.Undelivered, fate.Code);
        }
        foreach (var fate in delivery.Failed)
        {
            draw -= fate.Share;
            if (draw < 0)
                return (MessageStatus.Failed, fate.Code);
        }
        return (MessageStatus.Delivered, 0);
    }

    // Not ended by the client's going away: Twilio doesn't notice either, and takes the message all the same.
    private Task WaitAsync(double milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, CancellationToken.None);

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
