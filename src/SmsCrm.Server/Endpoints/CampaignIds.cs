using SmsCrm.Pipeline.Ingest;

namespace SmsCrm.Server.Endpoints;

/// <summary>What a campaign's id may be wherever one is named: the same as ingest takes, since no other has any message.</summary>
internal static class CampaignIds
{
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? Wrong(string id) =>
        id.Length is 0 or > RequestLimits.CampaignIdLength ? $"it has 1 to {RequestLimits.CampaignIdLength} characters"
        : id.Any(char.IsControl) ? "no campaign has a control character in its id: leave it out"
        : null;
}
