using Microsoft.AspNetCore.Http;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Delivery;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>Fetches, redacts, cancels and deletes one message.</summary>
internal sealed class MessageHandler(MessageLedger ledger, MessageCancellation cancellation, SimulatorCounters counters, TimeProvider time)
{
    public async Task AnswerAsync(HttpContext context, Account account, string sid)
    {
        var view = ledger.Find(sid);
        var method = context.Request.Method;
        if (view is null || view.IsDeleted || view.Taken.AccountSid != account.Sid)
            Refuse(context, ApiError.NotFound(context.Request.Path.Value ?? ""));
        else if (HttpMethods.IsGet(method))
            ApiAnswer.Message(context, 200, view);
        else if (HttpMethods.IsDelete(method))
            Delete(context, view);
        else if (HttpMethods.IsPost(method))
            Update(context, account, view, await RequestBody.ReadAsync(context.Request, RequestBody.AsUpdate).ConfigureAwait(false));
        else
            Refuse(context, ApiError.MethodNotAllowed);
    }

    private void Delete(HttpContext context, MessageView view)
    {
        if (!view.Status.IsFinal() && view.Status != MessageStatus.Sent)
        {
            Refuse(context, ApiError.NotComplete);
            return;
        }
        ledger.Delete(view.Index, NowMs());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private void Update(HttpContext context, Account account, MessageView view, UpdateForm form)
    {
        var error = form switch
        {
            { Status: { } status } when status != "canceled" => ApiError.InvalidParameter("Status", status, "canceled, the only status that can be set"),
            { Body: { Length: > 0 } body } => ApiError.InvalidParameter("Body", body, "empty, the only text that can be set"),
            { Status: not null } => cancellation.TryCancel(account, view, NowMs()) ? null : ApiError.NotCancelable,
            { Body: not null } when !view.Status.IsFinal() && view.Status != MessageStatus.Sent => ApiError.NotComplete,
            _ => null,
        };
        if (error is not null)
        {
            Refuse(context, error);
            return;
        }
        if (form.Body is not null)
            ledger.Redact(view.Index, NowMs());
        ApiAnswer.Message(context, 200, ledger.View(view.Index));
    }

    private void Refuse(HttpContext context, ApiError error)
    {
        counters.Refused(error.Code);
        ApiAnswer.Error(context, error);
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
