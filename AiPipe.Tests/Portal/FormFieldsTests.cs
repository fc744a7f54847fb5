using AiPipe.Portal.Pages;
using AiPipe.Portal.Pages.Account;
using AiPipe.Portal.Pages.Console;

namespace AiPipe.Tests.Portal;

public sealed class FormFieldsTests
{
    [Theory]
    [InlineData("name", "New.Name")]
    [InlineData("expires_in_days", "New.ExpiresInDays")]
    [InlineData("limit.amount", "New.Limit")]
    [InlineData("models[2]", null)]
    [InlineData("", null)]
    public void Field_of_a_request_is_the_forms_property_of_that_name(string param, string? field) =>
        Assert.Equal(field, FormFields.ForRequest<KeysModel.Form>("New")(param));

    [Theory]
    [InlineData("value.Limit", "Budget.Limit")]
    [InlineData("value.Models.gpt-4o.Limit", null)]
    [InlineData("value", null)]
    [InlineData("path", "Name")]
    [InlineData("path[1]", "Name")]
    [InlineData("path[2]", null)]
    public void Field_of_a_setting_is_the_forms_property_or_its_name(string param, string? field) =>
        Assert.Equal(field, FormFields.ForSetting<BudgetForm>("Budget", "Name")(param));

    [Theory]
    [InlineData("path[1]", "Alias.Name")]
    [InlineData("value.Model", "Alias.Model")]
    [InlineData("value[0].Provider", "Alias.Provider")]
    [InlineData("value[1].Provider", "Alias.SecondProvider")]
    [InlineData("value[1].Model", "Alias.SecondModel")]
    [InlineData("value", "Alias.Name")]
    public void Field_of_an_alias_tells_the_first_model_from_the_second(string param, string field) =>
        Assert.Equal(field, AliasForm.FieldOf(param));
}
