using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using SmsCrm.Contracts.V1;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Ingest;

/// <summary>The short links that a request asks for: judged, and later drawn and put into the body.</summary>
internal static class RequestedLinks
{
    /// <summary>The body as long as it will be, with stand-ins for the codes; the body itself where the request has no links.</summary>
    public static string Judge(IngestCaller caller, SendRequest request, DateTimeOffset now, ref ViolationList found)
    {
        if (request.Links.Count == 0)
        {
            // One that nothing is put in for would be read by the recipient.
            if (LinkText.MayHavePlaceholders(request.Body))
            {
                Placeholders(request, ref found);
            }

            return request.Body;
        }

        if (request.Links.Count > RequestLimits.Links)
        {
            found.Add("links", $"has {request.Links.Count} entries: the most is {RequestLimits.Links}");
            return request.Body;
        }

        if (caller.LinkStart.Length == 0)
        {
            found.Add("links", "need a domain that they stand on, and neither this tenant (link_domain) nor the installation (SmsCrm:Links:BaseUrl) has one: have it set");
            return request.Body;
        }

        for (var i = 0; i < request.Links.Count; i++)
        {
            Judge(request, i, now, ref found);
        }

        Placeholders(request, ref found);
        return LinkText.PutIn(request.Body, caller.LinkStart, static _ => LinkText.AnyCode);
    }

    /// <summary>Draws a code for each link, says when it ends, and puts it into the body.</summary>
    public static void Draw(RequestRecord record, string start, DateTimeOffset now)
    {
        if (record.Links.Count == 0)
        {
            return;
        }

        var until = (record.SendAt?.ToDateTimeOffset() is { } sendAt && sendAt > now ? sendAt : now) + RequestLimits.LinkLasts;
        foreach (var link in record.Links)
        {
            link.Code = LinkCode.Draw();
            link.ExpiresAt ??= until.ToTimestamp();
        }

        record.Body = LinkText.PutIn(record.Body, start, name => record.Links.FirstOrDefault(link => link.Placeholder == name)?.Code);
    }

    public static void Copy(RepeatedField<Link> from, RepeatedField<Link> to)
    {
        foreach (var link in from)
        {
            to.Add(new Link { Placeholder = link.Placeholder, Url = link.Url, ExpiresAt = link.ExpiresAt?.Clone() });
        }
    }

    private static void Judge(SendRequest request, int index, DateTimeOffset now, ref ViolationList found)
    {
        var link = request.Links[index];
        var field = $"links[{index}]";
        if (!LinkText.IsPlaceholder(link.Placeholder))
        {
            found.Add($"{field}.placeholder", $"is '{Shown.Value(link.Placeholder)}': it must be 1 to 40 letters (a to z), digits, '-' and '_'");
        }

        if (Wrong(link.Url) is { } wrong)
        {
            found.Add($"{field}.url", $"is '{Shown.Value(link.Url)}': {wrong}");
        }

        var expires = found.Time($"{field}.expires_at", link.ExpiresAt);
        if (expires <= now || expires > now + RequestLimits.LinkAhead)
        {
            found.Add($"{field}.expires_at", $"is {expires:O}: choose a time after now and before {now + RequestLimits.LinkAhead:O}, {RequestLimits.LinkAhead.Days} days ahead");
        }
        else if (expires is not null && request.SendAt is { } sendAt && link.ExpiresAt.CompareTo(sendAt) <= 0)
        {
            found.Add($"{field}.expires_at", $"is {expires:O}, not after send_at: the link would lead nowhere when the text comes");
        }

        if (link.Code.Length > 0)
        {
            found.Add($"{field}.code", $"is '{Shown.Value(link.Code)}', and codes are drawn at acceptance: leave it out");
        }

        foreach (var number in link.UnknownFieldNumbers)
        {
            found.Add($"{field}, field {number}", "is not known to this version: leave it out, or use a server that knows it", isReserved: true);
        }
    }

    /// <summary>Null: it may be led to. Printable ASCII only, so that it stands in a header as it was given.</summary>
    private static string? Wrong(string url)
    {
        if (url.Length is 0 or > RequestLimits.LinkUrlLength)
        {
            return $"it has {Shown.Number(url.Length)} characters, and may have 1 to {Shown.Number(RequestLimits.LinkUrlLength)}";
        }

        if (url.Any(static c => c is <= ' ' or >= '\x7f' or '\\'))
        {
            return "it may have printable ASCII only, and no space or backslash: percent-encode the others, and write the host in punycode";
        }

        var host = url.AsSpan(url.IndexOf("//", StringComparison.Ordinal) + 2);
        var end = host.IndexOfAny("/?#");
        return !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0
                || !url.AsSpan(address.Scheme.Length).StartsWith("://") ? "it must be an absolute address that begins with https:// or http://"
            : address.UserInfo.Length > 0 || (end < 0 ? host : host[..end]).Contains('@') ? "it may not name a user or password before its host: remove them"
            : null;
    }

    private static void Placeholders(SendRequest request, ref ViolationList found)
    {
        var inBody = LinkText.Placeholders(request.Body);
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (var link in request.Links)
        {
            if (!given.Add(link.Placeholder))
            {
                found.Add("links", $"have the placeholder '{Shown.Value(link.Placeholder)}' twice: name each link once");
            }
            else if (LinkText.IsPlaceholder(link.Placeholder) && !inBody.Contains(link.Placeholder))
            {
                found.Add("body", $"has no {{{{link:{link.Placeholder}}}}}, and a link is given for it: put it in, or leave the link out");
            }
        }

        foreach (var name in inBody.Where(name => !given.Contains(name)))
        {
            found.Add("body", $"has {{{{link:{name}}}}}, and no link is given for it: add one to links, or take it out");
        }
    }
}
