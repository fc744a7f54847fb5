using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace AiPipe.Proxy.Infrastructure.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class QuestionsOfCodes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "used_by",
                table: "sign_in_links",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "used_by",
                table: "app_codes",
                type: "uuid",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "used_by",
                table: "sign_in_links");

            migrationBuilder.DropColumn(
                name: "used_by",
                table: "app_codes");
        }
    }
}
