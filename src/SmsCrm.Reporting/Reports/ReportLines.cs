using System.Globalization;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Reporting.Messages;

namespace SmsCrm.Reporting.Reports;

/// <summary>Lines as APIs and exports tell them; pure.</summary>
internal static class ReportLines
{
    public static ReportLineView View(Report report, ReportQuery query, IReadOnlyList<LocalStretch> stretches, ReportLine line)
    {
        var view = new ReportLineView
        {
            Figures = Figures(report, line.Figures),
            Previous = query.Compare && report.Grain != ReportGrain.LocalHours ? Figures(report, line.Previous) : null,
        };
        for (var i = 0; i < report.Keys.Count; i++)
        {
            view = With(view, report.Keys[i], line.Keys[i]!, stretches);
        }

        return line.Name is null ? view : report.Keys is ["sender_id"] ? view with { Sender = line.Name } : view with { CampaignName = line.Name };
    }

    public static FiguresView Figures(Report report, IReadOnlyList<long> figures)
    {
        var view = new FiguresView();
        for (var i = 0; i < figures.Count; i++)
        {
            var value = figures[i];
            view = report.Figures[i].Name switch
            {
                "accepted" => view with { Accepted = value },
                "messages" => view with { Messages = value },
                "waiting" => view with { Waiting = value },
                "taken" => view with { Taken = value },
                "sent" => view with { Sent = value },
                "delivered" => view with { Delivered = value },
                "read" => view with { Read = value },
                "undelivered" => view with { Undelivered = value },
                "failed" => view with { Failed = value },
                "rejected" => view with { Rejected = value },
                "cancelled" => view with { Cancelled = value },
                "uncertain" => view with { Uncertain = value },
                "opt_outs" => view with { OptOuts = value },
                "opt_ins" => view with { OptIns = value },
                "clicks" => view with { Clicks = value },
                "human_clicks" => view with { HumanClicks = value },
                "unique_clicks" => view with { UniqueClicks = value },
                "segments" => view with { Segments = value },
                "cost" => view with { Cost = value / 1_000_000m },
                var name => throw new ArgumentException($"There is no figure '{name}'", nameof(report)),
            };
        }

        return view;
    }

    /// <summary>The first line of an export.</summary>
    public static IReadOnlyList<string> Header(Report report, ReportQuery query)
    {
        var figures = report.Figures.Select(figure => figure.Name).ToList();
        return
        [
            .. report.Keys.SelectMany<string, string>(key => key switch
            {
                "stretch" => ["day", "start", "end"],
                "sender_id" => ["sender_id", "sender"],
                "campaign_id" => ["campaign_id", "campaign_name"],
                "code" => ["provider_code"],
                _ => [key],
            }),
            .. figures,
            .. query.Compare && report.Grain != ReportGrain.LocalHours ? figures.Select(figure => $"previous_{figure}") : [],
        ];
    }

    /// <summary>The same line as <see cref="View"/>, in the order of the header.</summary>
    public static IReadOnlyList<string> Fields(Report report, ReportLineView line)
    {
        var fields = new List<string>();
        foreach (var key in report.Keys)
        {
            fields.AddRange(key switch
            {
                "stretch" => [Text(line.Day), Text(line.Start), Text(line.End)],
                "sender_id" => [Text(line.SenderId), line.Sender ?? ""],
                "campaign_id" => [line.CampaignId ?? "", line.CampaignName ?? ""],
                "country" => [line.Country ?? ""],
                "state" => [line.State ?? ""],
                "reason" => [line.Reason ?? ""],
                "code" => [Text(line.ProviderCode)],
                _ => [Text(line.Day)],
            });
        }

        fields.AddRange(report.Figures.Select(figure => Text(Value(line.Figures, figure.Name))));
        if (line.Previous is { } previous)
        {
            fields.AddRange(report.Figures.Select(figure => Text(Value(previous, figure.Name))));
        }

        return fields;
    }

    private static ReportLineView With(ReportLineView view, string key, object value, IReadOnlyList<LocalStretch> stretches) => key switch
    {
        "campaign_id" => view with { CampaignId = (string)value },
        "sender_id" => view with { SenderId = (Guid)value },
        "country" => view with { Country = (string)value },
        "state" => view with { State = ((MessageState)(short)value).Code() },
        "reason" => view with { Reason = MessageRow.ReasonCode((short)value) },
        "code" => view with { ProviderCode = (int)value },
        "day" => view with { Day = value is DateOnly day ? day : DateOnly.FromDateTime((DateTime)value) },
        "stretch" => stretches[(int)value] is var stretch ? view with { Day = stretch.Day, Start = stretch.Start, End = stretch.End } : view,
        _ => throw new ArgumentException($"There is no key '{key}'", nameof(key)),
    };

    private static object? Value(FiguresView figures, string name) => name switch
    {
        "accepted" => (object?)figures.Accepted,
        "messages" => figures.Messages,
        "waiting" => figures.Waiting,
        "taken" => figures.Taken,
        "sent" => figures.Sent,
        "delivered" => figures.Delivered,
        "read" => figures.Read,
        "undelivered" => figures.Undelivered,
        "failed" => figures.Failed,
        "rejected" => figures.Rejected,
        "cancelled" => figures.Cancelled,
        "uncertain" => figures.Uncertain,
        "opt_outs" => figures.OptOuts,
        "opt_ins" => figures.OptIns,
        "clicks" => figures.Clicks,
        "human_clicks" => figures.HumanClicks,
        "unique_clicks" => figures.UniqueClicks,
        "segments" => figures.Segments,
        _ => figures.Cost,
    };

    private static string Text(object? value) => value switch
    {
        null => "",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
        decimal cost => cost.ToString("0.000000", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
