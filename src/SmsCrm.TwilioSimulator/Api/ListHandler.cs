using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using SmsCrm.TwilioSimulator.Control;
using SmsCrm.TwilioSimulator.Knobs;
using SmsCrm.TwilioSimulator.Ledger;
using SmsCrm.TwilioSimulator.Senders;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>Lists messages, newest first, page by page. A page's token is <c>PA</c> and the sid that it goes on after, or <c>PB</c> and the sid
/// that it ends before.</summary>
internal sealed class ListHandler(MessageLedger ledger, SenderBook senders, KnobBoard knobs, SimulatorCounters counters, TimeProvider time)
{
    public void Answer(HttpContext context, Account account)
    {
        if (!ListQuery.TryRead(context.Request.QueryString.Value ?? "", out var query, out var error)
            || !TryFilter(account, query, out var filter, out error))
        {
            counters.Refused(error.Code);
            ApiAnswer.Error(context, error);
            return;
        }
        var page = ledger.Page(filter, out var hasMore);
        Write(context, account, query, page, hasMore);
    }

    private bool TryFilter(Account account, ListQuery query, out MessageFilter filter, out ApiError error)
    {
        var lagMs = (long)knobs.For(account).List.LagMs;
        filter = new MessageFilter(account.Number, query.PageSize)
        {
            To = query.To,
            From = query.From,
            FromSender = query.From is null ? MessageTable.None : senders.Known(account.Number, query.From)?.Number ?? MessageTable.None,
            SentFromMs = query.SentFromMs,
            SentBeforeMs = query.SentBeforeMs,
            CreatedUpToMs = lagMs == 0 ? long.MaxValue : time.GetUtcNow().ToUnixTimeMilliseconds() - lagMs,
        };
        error = null!;
        if (query.PageToken is not { Length: > 2 } token)
            return true;
        if (ledger.Find(token.AsSpan(2)) is not { } edge)
        {
            error = ApiError.InvalidParameter("PageToken", token, "a token that a page of this list has given");
            return false;
        }
        filter = filter with
        {
            OlderThan = token.StartsWith("PB", StringComparison.Ordinal) ? ledger.StartOfPageBefore(filter, edge.Index) : edge.Index,
        };
        return true;
    }

    private static void Write(HttpContext context, Account account, ListQuery query, List<MessageView> page, bool hasMore)
    {
        var writer = ApiAnswer.Begin();
        writer.WriteStartObject();
        writer.WriteString("first_page_uri", PageUri(account, query, 0, null));
        writer.WriteNumber("end", page.Count == 0 ? 0 : (query.Page * query.PageSize) + page.Count - 1);
        var previous = query.Page > 0 && page.Count > 0 ? PageUri(account, query, query.Page - 1, "PB" + page[0].Sid) : null;
        writer.WriteString("previous_page_uri", previous);
        writer.WriteStartArray("messages");
        foreach (var message in page)
            MessageJson.Write(writer, message);
        writer.WriteEndArray();
        writer.WriteString("uri", PageUri(account, query, query.Page, query.PageToken));
        writer.WriteNumber("page_size", query.PageSize);
        writer.WriteNumber("start", query.Page * query.PageSize);
        writer.WriteString("next_page_uri", hasMore ? PageUri(account, query, query.Page + 1, "PA" + page[^1].Sid) : null);
        writer.WriteNumber("page", query.Page);
        writer.WriteEndObject();
        ApiAnswer.End(context, 200, writer);
    }

    private static string PageUri(Account account, ListQuery query, int page, string? token)
    {
        var uri = new StringBuilder($"{MessagesApi.Prefix}{account.Sid}/Messages.json?");
        foreach (var (name, value) in query.Filters)
            uri.Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value)).Append('&');
        uri.Append(CultureInfo.InvariantCulture, $"PageSize={query.PageSize}&Page={page}");
        if (token is not null)
            uri.Append("&PageToken=").Append(token);
        return uri.ToString();
    }
}
