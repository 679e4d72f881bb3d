using System.Globalization;
using SmsCrm.Contracts.V1;

namespace SmsCrm.LoadTests.Scenarios;

/// <summary>Requests that differ as real ones do: a recipient and a body of its own for each arrival.</summary>
internal static class TextFactory
{
    /// <summary>Area codes with geographic numbers that libphonenumber holds valid, each with the exchange 555 left out.</summary>
    private static readonly int[] AreaCodes = [212, 213, 305, 312, 404, 415, 512, 617, 702, 713];

    /// <summary>How a text names its link.</summary>
    public const string Placeholder = "parcel";

    public static SendRequest Create(string campaign, int arrival) => new()
    {
        To = Recipient(arrival),
        Body = string.Create(CultureInfo.InvariantCulture, $"Your parcel {arrival:D9} arrives today between 14:00 and 16:00. Reply STOP to opt out."),
        Purpose = Purpose.Transactional,
        CampaignId = campaign,
        ClientReference = arrival.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The same with a short link, still one segment.</summary>
    public static SendRequest CreateWithLink(string campaign, int arrival)
    {
        var request = Create(campaign, arrival);
        request.Body = request.Body.Replace(" Reply", $" {{{{link:{Placeholder}}}}} Reply", StringComparison.Ordinal);
        request.Links.Add(new Link { Placeholder = Placeholder, Url = TargetOf(arrival) });
        return request;
    }

    /// <summary>Where an arrival's link leads.</summary>
    public static string TargetOf(int arrival) => string.Create(CultureInfo.InvariantCulture, $"https://shop.example.com/parcels/{arrival:D9}?utm_source=sms");

    /// <summary>Ten area codes by 7.9 million subscriber numbers: no two arrivals of a run share a recipient.</summary>
    private static string Recipient(int arrival)
    {
        var area = AreaCodes[arrival % AreaCodes.Length];
        var subscriber = 2_340_000 + (arrival / AreaCodes.Length % 2_000_000);
        return string.Create(CultureInfo.InvariantCulture, $"+1{area}{subscriber:D7}");
    }
}
