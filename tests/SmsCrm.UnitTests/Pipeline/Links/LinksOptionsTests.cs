using SmsCrm.Pipeline.Links;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Pipeline.Links;

public sealed class LinksOptionsTests
{
    [Fact]
    public async Task Databases_that_can_not_be_used_are_told_with_setting_path_and_reason()
    {
        var folder = await RunFolder.NewAsync("options");
        var (missing, text) = (Path.Combine(folder, "none.mmdb"), Path.Combine(folder, "text.mmdb"));
        await File.WriteAllTextAsync(text, "start,end,country", TestContext.Current.CancellationToken);

        var errors = Errors(new LinksOptions { NetworkDatabase = missing, CountryDatabase = text });

        Assert.Equal(2, errors.Count);
        Assert.Equal(
            $"SmsCrm:Links:NetworkDatabase is '{missing}': there is no such file. Name a MaxMind-format file (.mmdb) with autonomous_system_number or asn, or leave it empty.",
            errors[0]);
        Assert.StartsWith($"SmsCrm:Links:CountryDatabase is '{text}': it is no MaxMind-format database (", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Databases_that_were_exchanged_are_told()
    {
        var folder = await RunFolder.NewAsync("options");
        var networks = new AddressFile().AddNetwork("203.0.113.0/24", 16_509).WriteTo(Path.Combine(folder, "asn.mmdb"));
        var countries = new AddressFile().AddCountry("203.0.113.0/24", "DE").WriteTo(Path.Combine(folder, "country.mmdb"));

        Assert.Empty(Errors(new LinksOptions { NetworkDatabase = networks, CountryDatabase = countries }));
        Assert.Equal(
            ["it has no autonomous_system_number or asn in its first 1,000 records (Test)", "it has no country.iso_code or country_code in its first 1,000 records (Test)"],
            Errors(new LinksOptions { NetworkDatabase = countries, CountryDatabase = networks })
                .Select(error => error[(error.IndexOf("': ", StringComparison.Ordinal) + 3)..error.IndexOf(". Name", StringComparison.Ordinal)]));
    }

    [Fact]
    public void A_number_that_no_network_has_is_told_with_its_place()
    {
        var errors = Errors(new LinksOptions { MoreDataCentres = [1, 0], NoDataCentres = [4_294_967_296] });

        Assert.Equal(
            [
                "SmsCrm:Links:MoreDataCentres:1 is 0: an autonomous system's number is from 1 to 4294967295.",
                "SmsCrm:Links:NoDataCentres:0 is 4294967296: an autonomous system's number is from 1 to 4294967295.",
            ],
            errors);
    }

    private static List<string> Errors(LinksOptions options) => [.. new LinksOptionsValidator().Validate(null, options).Failures ?? []];
}
