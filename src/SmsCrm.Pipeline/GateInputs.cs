using SmsCrm.Pipeline.Gates;
using SmsCrm.Pipeline.Gates.Facts;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Messages.Rules;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline;

/// <summary>What is read about a message for its gates, and what they are told of it then.</summary>
internal static class GateInputs
{
    public static FactsKey KeyOf(AcceptedMessage message, TenantRules rules) =>
        new(message.Id, message.Tenant, message.Recipient, message.CampaignId, NeedsRecent(rules, message.Purpose));

    /// <param name="tenant">Null where nobody knows it any more.</param>
    public static GateInput Of(SendItem item, BatchFacts facts, SendingRules rules, TenantBasics? tenant)
    {
        var (message, request) = (item.Message, item.Request);
        var recipient = facts.RecipientOf(message.Tenant, message.Recipient);
        var tenantRules = rules.Of(message.Tenant);
        return new GateInput(
            message.Recipient,
            message.Purpose,
            message.Id.AcceptedAt,
            request.SendAt?.ToDateTimeOffset(),
            request.ValidUntil?.ToDateTimeOffset(),
            tenantRules.IsReadable ? StandingOf(tenant) : TenantStanding.Paused,
            recipient.Suppression,
            facts.Now)
        {
            Country = request.Country,
            CampaignId = message.CampaignId,
            IsCampaignPaused = rules.IsPaused(message.Tenant, message.CampaignId),
            Body = request.Body,
            ContentHash = message.ContentHash,
            Segments = message.Segments,
            CostMicros = item.SegmentMicros * message.Segments,
            Rules = tenantRules,
            PlatformSuppression = facts.PlatformSuppressions.GetValueOrDefault(message.Recipient),
            Consent = recipient.ConsentTo(message.Purpose),
            TimeZone = recipient.TimeZone,
            Region = recipient.Region,
            Recent = NeedsRecent(tenantRules, message.Purpose) ? facts.RecentOf(message.Tenant, message.Recipient) : null,
            // What an attempt that ended by evidence holds pays for the next one.
            Budgets = item.Seen.IsByEvidence ? [] : facts.BudgetsOf(rules.BudgetOf(message.Tenant), rules.BudgetOf(message.Tenant, message.CampaignId)),
        };
    }

    /// <summary>Marketing has caps of the law's and words of its first text; else only what the tenant set asks for it.</summary>
    private static bool NeedsRecent(TenantRules rules, Purpose purpose) =>
        purpose == Purpose.Marketing || rules.FrequencyCaps.Count > 0 || rules.DuplicateWindow > TimeSpan.Zero;

    private static TenantStanding StandingOf(TenantBasics? tenant) => tenant?.State switch
    {
        null => TenantStanding.Unknown,
        TenantState.Active => TenantStanding.Active,
        TenantState.Paused => TenantStanding.Paused,
        _ => TenantStanding.Suspended,
    };
}
