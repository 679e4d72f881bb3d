using SmsCrm.Pipeline.Links;

namespace SmsCrm.UnitTests.Pipeline.Links;

/// <summary>The records of the databases that there are, and the list of data centres.</summary>
public sealed class AddressRecordsTests
{
    [Fact]
    public void The_network_is_read_of_MaxMinds_fields_and_of_flat_ones()
    {
        Assert.Equal(16_509, AddressRecords.NetworkOf(new() { ["autonomous_system_number"] = 16_509L, ["autonomous_system_organization"] = "AMAZON-02" }));
        Assert.Equal(4_200_000_000, AddressRecords.NetworkOf(new() { ["autonomous_system_number"] = 4_200_000_000L }));
        Assert.Equal(16_509, AddressRecords.NetworkOf(new() { ["asn"] = "AS16509", ["as_name"] = "Amazon.com, Inc." }));
        Assert.Equal(16_509, AddressRecords.NetworkOf(new() { ["asn"] = "16509" }));
        Assert.Equal(0, AddressRecords.NetworkOf(new() { ["asn"] = "" }));
        Assert.Equal(0, AddressRecords.NetworkOf(new() { ["asn"] = "ASx" }));
        Assert.Equal(0, AddressRecords.NetworkOf([]));
    }

    [Fact]
    public void The_country_is_read_of_MaxMinds_fields_and_of_flat_ones()
    {
        Assert.Equal("DE", AddressRecords.CountryOf(new() { ["country"] = new Dictionary<string, object> { ["iso_code"] = "DE" } }));
        Assert.Equal("DE", AddressRecords.CountryOf(new() { ["country_code"] = "de", ["country"] = "Germany" }));
        Assert.Equal("DE", AddressRecords.CountryOf(new() { ["country"] = "DE" }));
        Assert.Null(AddressRecords.CountryOf(new() { ["registered_country"] = new Dictionary<string, object> { ["iso_code"] = "DE" } }));
        Assert.Null(AddressRecords.CountryOf(new() { ["country"] = new Dictionary<string, object> { ["geoname_id"] = 1L } }));
        Assert.Null(AddressRecords.CountryOf(new() { ["country_code"] = "EU" }));
        Assert.Null(AddressRecords.CountryOf(new() { ["country_code"] = "T1" }));
        Assert.Null(AddressRecords.CountryOf(new() { ["country"] = "Germany" }));
    }

    [Fact]
    public void The_great_clouds_are_data_centres_and_relays_that_people_come_from_are_not()
    {
        var known = DataCentres.Known;

        Assert.Equal(known.Count, known.Distinct().Count());
        Assert.Empty(new long[] { 16_509, 14_618, 396_982, 15_169, 8_075, 14_061, 16_276, 24_940, 63_949, 31_898, 45_102, 20_473, 132_203 }.Except(known));
        Assert.Empty(new long[] { 13_335, 36_183, 54_113, 9_009, 212_238 }.Intersect(known));
    }
}
