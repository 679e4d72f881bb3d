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

    [Fact]
    public void By_default_Postgres_has_250_ms_to_say_where_a_link_leads() => Assert.Equal(250, new LinksOptions().LookupTimeoutMs);

    [Theory]
    [InlineData(49, false)]
    [InlineData(50, true)]
    [InlineData(5_000, true)]
    [InlineData(5_001, false)]
    public void Postgres_may_be_given_from_50_ms_to_5_s(int ms, bool isGood)
    {
        var errors = Errors(new LinksOptions { LookupTimeoutMs = ms });

        Assert.Equal(isGood ? [] : ["SmsCrm:Links:LookupTimeoutMs"], errors.Select(static error => error.Split(' ')[0]));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void One_address_may_be_given_from_1_to_500_links_a_minute(int codes, bool isGood)
    {
        Assert.Equal(10, new LinksOptions().CodesPerAddressAndMinute);
        Assert.Equal(isGood, Errors(new LinksOptions { CodesPerAddressAndMinute = codes }).Count == 0);
    }

    private static List<string> Errors(LinksOptions options) => [.. new LinksOptionsValidator().Validate(null, options).Failures ?? []];
}
